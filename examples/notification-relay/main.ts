// Runs the relay with the settings of the environment, until it is ended. It must not print an address or a secret.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { readCommand } from '../../local/command-line.ts';
import { createRelay } from './relay.ts';

readCommand({
  name: 'npm run example:notification-relay',
  does: 'passes signed notifications of the service on to Teams, Slack or Event Grid, until Ctrl-C.',
  flags: {},
  variables: {
    NOTIFICATION_SECRET: 'the secret that the service signs with, at least 32 characters; needed',
    TEAMS_URL: 'a webhook of Teams; optional',
    SLACK_URL: 'a webhook of Slack; optional',
    EVENT_GRID_ENDPOINT: 'a topic of Event Grid; optional, with EVENT_GRID_KEY',
    EVENT_GRID_KEY: 'the key of the topic',
    PORT: 'the port of the relay; without it a free one',
  },
  examples: ['NOTIFICATION_SECRET=... TEAMS_URL=https://... npm run example:notification-relay'],
});

const { env } = process;
const secret = env['NOTIFICATION_SECRET'] ?? '';
if (secret.length < 32) {
  console.error('Set NOTIFICATION_SECRET to the secret that the service signs with: at least 32 characters.');
  process.exit(1);
}
const endpoint = env['EVENT_GRID_ENDPOINT'];
const key = env['EVENT_GRID_KEY'];
const relay = createRelay({
  secret,
  teamsUrl: env['TEAMS_URL'],
  slackUrl: env['SLACK_URL'],
  eventGrid: endpoint === undefined || key === undefined ? undefined : { endpoint, key },
});
relay.listen(Number(env['PORT'] ?? 0), '127.0.0.1');
await once(relay, 'listening');
console.log(`Set NOTIFICATION_URL to http://127.0.0.1:${(relay.address() as AddressInfo).port}/`);
