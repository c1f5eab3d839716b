// `requests`: the requests of an account, newest first, or how far one got.
import type { RequestStatus, RequestsAnswer } from '../answers.ts';
import { ACCOUNT, command } from '../command.ts';
import { EXIT } from '../failure.ts';
import { table } from '../text.ts';
import { codeOfRequest, requestText } from './request.ts';

export const requests = command(
  {
    name: 'requests',
    does: 'shows the requests of the account, newest first, or one of them.',
    flags: {
      id: { kind: 'text', value: 'ID', means: 'the request that is shown' },
      limit: { kind: 'number', means: 'requests that are shown', minimum: 1, maximum: 1_000, default: 20 },
    },
    rest: ACCOUNT,
    examples: ['requests demo-language-1', 'requests demo-language-1 --id monthly-2031-05'],
  },
  async ({ client, show }, { rest: [account = ''], id, limit }) => {
    if (id !== undefined) {
      const { body } = await client.get<RequestStatus>(['accounts', account, 'requests', id]);
      show(body, () => requestText(body));
      return codeOfRequest(body, false);
    }
    const query = { limit: String(limit) };
    const { body } = await client.get<RequestsAnswer>(['accounts', account, 'requests'], query);
    const rows = body.requests.map((entry) => [
      entry.at,
      entry.kind,
      entry.state,
      entry.outcome ?? entry.waitsFor ?? '',
      entry.id,
      entry.by,
    ]);
    show(body, () =>
      rows.length === 0 ? 'There is no request.\n' : table(['AT', 'KIND', 'STATE', 'OUTCOME', 'ID', 'BY'], rows),
    );
    return EXIT.fine;
  },
);
