/** What an installation was given, by the name of the parameter or variable that gives it. */
export function givenTo(parametersText: string, environment: Readonly<Record<string, string | undefined>>): string[];
