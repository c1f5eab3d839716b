// Bugs in the consumer library, which leave an application with a key that is refused.
// `find` must stand exactly once in its file, so that the list keeps in step with the code.
import { type AdapterMutant, by } from './adapter-mutant.ts';

const inLibrary = (file: string, test: string) => by(`packages/consumer/test/${file}`, test);

export const LIBRARY_MUTANTS: readonly AdapterMutant[] = [
  {
    name: 'sees a refusal only as a number',
    file: 'packages/consumer/src/outcome.ts',
    find: "[401, '401', 401_000, '401000']",
    replace: '[401, 401_000]',
    killer: inLibrary(
      'sdk-refusals.test.ts',
      'the Azure REST client of Translator > returns its refusal as the text 401',
    ),
  },
  {
    name: 'sees no refusal behind another error',
    file: 'packages/consumer/src/outcome.ts',
    find: "error = fieldOf(error, 'cause');",
    replace: 'error = undefined;',
    killer: inLibrary('outcome.test.ts', 'when the call throws 401 as a cause of a cause'),
  },
  {
    name: 'sees no refusal in the details of the Speech SDK',
    file: 'packages/consumer/src/outcome.ts',
    find: "return isRefusedSocket(fieldOf(from, 'errorDetails'));",
    replace: 'return from === REFUSED_SOCKET;',
    killer: inLibrary('sdk-refusals.test.ts', 'the Speech SDK with ws > says so only in the details of its result'),
  },
  {
    name: 'sees no refusal where the socket hides its status',
    file: 'packages/consumer/src/outcome.ts',
    find: 'Reason:\\s*$/is',
    replace: 'Reason:\\s*401$/is',
    killer: inLibrary(
      'sdk-refusals.test.ts',
      'the Speech SDK with the global WebSocket > says so only in the details of its result',
    ),
  },
  {
    name: 'never tries the former key',
    file: 'packages/consumer/src/call-with-keys.ts',
    find: 'return [inUse, former].find(',
    replace: 'return [inUse, former].slice(0, 1).find(',
    killer: inLibrary('former-key.test.ts', 'a node that lags > costs no failed call, and the source is not read'),
  },
  {
    name: 'keeps a former key that was refused',
    file: 'packages/consumer/src/held-keys.ts',
    find: 'refused.some((key) => isSameKey(key, former))) this.#former = undefined;',
    replace: 'refused.some((key) => isSameKey(key, former))) return;',
    killer: inLibrary('former-key.test.ts', 'a former key that is refused > is not tried again'),
  },
  {
    name: 'lets an onError that throws end the process',
    file: 'packages/consumer/src/on-error.ts',
    find: 'call(error).catch(() => undefined);',
    replace: 'void call(error);',
    killer: inLibrary('on-error.test.ts', 'an onError that throws > does not end polling'),
  },
  {
    name: 'asks for a token at an endpoint without its slash',
    file: 'packages/consumer/src/token-address.ts',
    find: 'return `${origin}/${PATH}`;',
    replace: 'return `${origin}${PATH}`;',
    killer: inLibrary('tokens.test.ts', 'a token is asked for > of an endpoint without the last slash'),
  },
  {
    name: 'asks a host of Translator for a token',
    file: 'packages/consumer/src/token-address.ts',
    find: 'if (tokenHost !== undefined)',
    replace: 'if (tokenHost === origin)',
    killer: inLibrary('tokens.test.ts', 'a token is asked for > at the region for Translator’s own host'),
  },
  {
    name: 'sends a stream under the first key only',
    file: 'packages/consumer/src/key-fetch.ts',
    find: '[body, sent] = body.tee();',
    replace: 'sent = body;',
    killer: inLibrary('ready.test.ts', 'sends the whole request again under each key, when it is a stream'),
  },
  {
    name: 'leaves a credential at the former key',
    file: 'packages/consumer/src/key-consumer.ts',
    find: 'if (keys.take(read)) void tell(read);',
    replace: 'keys.take(read);',
    killer: inLibrary('ready.test.ts', 'onKey > updates the credential of a client that was made once'),
  },
];
