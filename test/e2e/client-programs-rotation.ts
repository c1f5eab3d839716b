// A rotation by the service under running clients, which call all the time and acknowledge.
import { onTestFinished } from 'vitest';
import { demoAccounts } from '../../local/azure/demo-accounts.ts';
import { freePort } from '../../local/azure/ports.ts';
import { DEMO_POLICY } from '../../local/start/seed.ts';
import { type Stage, setStage } from '../../local/start/stage.ts';
import { type ClientProgram, type Running, settingsOf, start, statusesOf } from './client-programs.ts';
import { eventually, HostClient } from './http-client.ts';

const POLICY = {
  ...DEMO_POLICY,
  rotationInterval: 'P1D',
  overlapMinimum: 'PT1S',
  overlapMaximum: 'PT2S',
  // The overlap ends by acknowledgements or not at all.
  onMissing: 'hold',
  activationFor: 'PT1.5S',
  confirmOver: 'PT1S',
  spread: 'PT0S',
};
/** Shorter than `activationFor`, and longer than it takes to fetch the new key on the vault's event. */
const LAG_MS = 1_000;
const ROTATED_WITHIN_MS = 90_000;
const NAME = 'demo-language-1';
const PATH = `/api/accounts/${NAME}`;
const TEXT = 'Bonjour tout le monde';

export interface Rotated {
  /** The account at the end, as the service shows it. */
  readonly account: Readonly<Record<string, unknown>>;
  readonly clients: readonly {
    readonly code: number | null;
    readonly errors: string;
    /** Each answer once. */
    readonly answers: readonly string[];
    readonly calls: number;
    /** Each status of its calls once. */
    readonly statuses: readonly number[];
  }[];
}

/** Runs one rotation. Ends everything with the test. */
export async function rotateUnder(programs: readonly ClientProgram[]): Promise<Rotated> {
  const stage = await setStage({
    accounts: demoAccounts(1),
    policy: POLICY,
    latencyMs: 0,
    lagMs: LAG_MS,
    onLine: () => undefined,
  });
  onTestFinished(() => stage.close());
  nameConsumers(stage, programs);
  const port = await freePort();
  await stage.startHost(port);
  const service = new HostClient(port);
  await eventually(
    () => service.get(PATH),
    ({ body }) => body['phase'] === 'idle',
  );
  const running: (readonly [ClientProgram, Running, Set<string>])[] = [];
  for (const program of programs) {
    const url = `http://127.0.0.1:${port}${PATH}/acknowledgements`;
    running.push([program, await startClient(stage, program, url), new Set<string>()]);
  }
  const { status } = await service.post(`${PATH}/rotate`, { reason: 'test' });
  if (status !== 202) throw new Error(`The rotation was refused: ${status}.`);
  const askAll = async (): Promise<Record<string, unknown>> => {
    for (const [, client, answers] of running) answers.add(await client.ask(TEXT));
    return (await service.get(PATH)).body;
  };
  const isRotated = ({ phase, rotationId }: Record<string, unknown>): boolean => phase === 'idle' && rotationId === 1;
  await eventually(askAll, isRotated, ROTATED_WITHIN_MS);
  const account = await askAll();
  const clients = [];
  for (const [program, client, answers] of running) {
    const code = await client.end();
    const statuses = statusesOf(stage.azure, program);
    const { errors } = client;
    clients.push({ code, errors, answers: [...answers], calls: statuses.length, statuses: [...new Set(statuses)] });
  }
  return { account, clients };
}

function nameConsumers({ azure }: Stage, programs: readonly ClientProgram[]): void {
  const [account] = azure.world.accounts.values();
  const consumers = programs.map(({ name }) => name);
  azure.world.store.set(`KeyRotation:Accounts:${NAME}`, null, {
    value: JSON.stringify({ resourceId: account?.id, policy: 'demo', consumers }),
    contentType: 'application/json',
  });
}

/** A console that polls rarely: the vault's event brings the key. */
async function startClient({ azure }: Stage, program: ClientProgram, url: string): Promise<Running> {
  const port = await freePort();
  const client = start(program, ['detect'], {
    ...settingsOf(azure, NAME),
    SECRET_NAME: `${NAME}-key`,
    POLL_SECONDS: '3600',
    EVENTS_PORT: String(port),
    ACKNOWLEDGE_URL: url,
    ACKNOWLEDGE_AS: program.name,
  });
  await client.ready();
  const types = ['Microsoft.KeyVault.SecretNewVersionCreated'];
  await azure.events.subscribe({ endpoint: `http://127.0.0.1:${port}/`, schema: 'eventGrid', types });
  return client;
}
