// The same console without any key: a token of Entra, and a role on the account. There is nothing to rotate.
import { converse } from '../console.ts';
import { detectLanguageWith, languageIn } from '../detect-language.ts';
import { runExample, VARIABLES } from '../environment.ts';

const SCOPE = 'https://cognitiveservices.azure.com/.default';

const COMMAND = {
  name: 'npm run example:keyless',
  does: 'detects the language of each line that you type, until "quit". It signs in with Microsoft Entra, without any key.',
  flags: {},
  variables: { ...VARIABLES },
  examples: ['npm run example:keyless'],
} as const;

runExample(COMMAND, ({ credential, endpoint }) =>
  converse(async (text) => {
    // The credential keeps the token until shortly before its end.
    const { token } = (await credential.getToken(SCOPE)) ?? { token: '' };
    return languageIn(await detectLanguageWith(endpoint, { authorization: `Bearer ${token}` }, text));
  }),
);
