/** What an installation was given, by the name of the variable that gives it. */
export function givenTo(environment: Readonly<Record<string, string | undefined>>): string[];
