// Runs the relay with the settings of the environment, until it is ended. It must not print an address or a secret.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createRelay } from './relay.ts';

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
