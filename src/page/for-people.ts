// Sentences of the service are written for every caller of its API. For a person in a browser, the calls that they name
// are places of this page. It must not change what a sentence says.

/** The most specific first. */
const PLACES: readonly (readonly [RegExp, string])[] = [
  [/\bGET accounts\/\{account\}\/requests\b/g, 'the page of the account'],
  [/\bGET accounts\/\{account\}\/history\b/g, 'the history of the account'],
  [/\bGET accounts\/\{account\}/g, 'the page of the account'],
  [/\bGET accounts\b/g, 'the list of accounts'],
  [/\bGET campaigns\/\{id\}/g, 'the campaigns of this page'],
  [/\bGET campaigns\b/g, 'the campaigns of this page'],
  [/\bGET health\b/g, 'the line on top of this page'],
  [/\bGET openapi\.json\b/g, 'the description of the API'],
  [/\bGET freeze\b/g, 'the list of accounts'],
  [/\bPOST (?:accounts\/\{account\}\/)?(\w+)\b/g, 'the action “$1”'],
];

export function forPeople(text: string): string {
  return PLACES.reduce((sentence, [call, place]) => sentence.replace(call, place), text);
}
