// Nothing goes on after an invocation has ended: not its lanes, not a call beside a call that failed. Each kind of
// invocation runs once for each call that it makes, and that call fails.
import { InvocationContext } from '@azure/functions';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { App } from '../../src/compose.ts';
import { RotationError } from '../../src/rotation/errors.ts';
import { runDelivery } from '../../src/triggers/delivery.ts';
import { runDiscovery } from '../../src/triggers/discovery.ts';
import { handleEvent } from '../../src/triggers/event.ts';
import { runQueuedPass } from '../../src/triggers/queue.ts';
import { runTick } from '../../src/triggers/tick.ts';
import { type HttpStage, startHttpStage } from './http/stage.ts';

/** No invocation of this test makes more calls. */
const CALLS_MAXIMUM = 120;
/** The parts that lead out of the process, each with calls that return promises. */
const PORTS = [
  'campaigns',
  'discovered',
  'checks',
  'posture',
  'vaultSearch',
  'accountSearch',
  'outbox',
  'receiver',
  'kinds',
] as const;

const CAMPAIGN = { reason: 'a policy has changed', filter: {}, rings: [{ percent: 100 }] };

let stage: HttpStage;
beforeAll(async () => {
  stage = await startHttpStage({
    NOTIFICATION_URL: 'https://receiver.example/hook',
    NOTIFICATION_SECRET: '0123456789abcdefghijklmnopqrstuv',
  });
  for (const name of ['alpha', 'beta', 'gamma']) stage.addAccount(name, { observeEvery: 'PT1M' });
  stage.configure('KeyRotation:Discovery', { subscriptions: ['11111111-2222-3333-4444-555555555555'] });
  await stage.adopt();
  await stage.post('campaigns', CAMPAIGN);
  const send = async () => {
    await turns(1);
    return { kind: 'taken' } as const;
  };
  stage.app = { ...stage.app, receiver: { send } };
  // Rotations begin, and people are notified of them.
  await runTick(stage.app, context());
  stage.addAccount('delta');
  await stage.adopt();
});
afterAll(() => stage.close());

/** Lets the call with one index fail, and knows which calls are under way. */
class Watch {
  readonly #failing: number;
  readonly underWay: string[] = [];
  begun = 0;

  constructor(failing: number) {
    this.#failing = failing;
  }

  async #call<T>(name: string, act: () => Promise<T>): Promise<T> {
    const index = this.begun++;
    if (index === this.#failing) {
      throw new RotationError({ code: 'Unavailable', service: 'table', operation: name, message: 'No answer.' });
    }
    this.underWay.push(name);
    try {
      return await act();
    } finally {
      this.underWay.splice(this.underWay.indexOf(name), 1);
    }
  }

  #port<T extends object>(name: string, port: T): T {
    return new Proxy(port, {
      get: (target, key) => {
        const method: unknown = Reflect.get(target, key);
        if (typeof method !== 'function' || typeof key !== 'string') return method;
        return (...args: unknown[]) =>
          this.#call(`${name}.${key}`, () => Reflect.apply(method, target, args) as Promise<unknown>);
      },
    });
  }

  over(app: App): App {
    const { keys, secrets, announcements, probes, records } = app.ports;
    const ports: App['ports'] = {
      keys: this.#port('keys', keys),
      secrets: this.#port('secrets', secrets),
      announcements: this.#port('announcements', announcements),
      probes: this.#port('probes', probes),
      records: this.#port('records', records),
    };
    const others = PORTS.map((name) => [name, this.#port(name, app[name])] as const);
    const around: Partial<App> = {
      fleet: (mark) => this.#call('fleet', () => app.fleet(mark)),
      fleetWith: (discovered) => this.#call('fleetWith', () => app.fleetWith(discovered)),
      room: () => this.#call('room', () => app.room()),
    };
    return { ...app, ...Object.fromEntries(others), ...around, ports };
  }
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => void setImmediate(resolve));
};
const context = () => new InvocationContext({ functionName: 'any', logHandler: () => undefined });
const get = (path: string) => () => stage.get(path);
const post = (path: string, body: object) => () => stage.post(path, body);
const event = () => ({
  eventType: 'Microsoft.KeyVault.SecretNewVersionCreated',
  subject: 'alpha-key',
  data: { Id: `${stage.azure.endpoints.keyVault}/secrets/alpha-key/1`, ObjectName: 'alpha-key' },
});
const idOf = (name: string): string =>
  [...stage.azure.world.accounts.values()].find(({ seed }) => seed.name === name)?.id.toLowerCase() ?? '';

/** Each with how many calls it makes at least if none fails: a test over an invocation that does nothing shows nothing. */
it.each<[string, number, () => Promise<unknown>, (readonly string[])?]>([
  ['a tick', 20, () => runTick(stage.serving, context())],
  ['a queue message', 8, () => runQueuedPass(stage.serving, { accountIds: ['alpha', 'beta'].map(idOf) }, context())],
  ['an event', 5, () => handleEvent(stage.serving, event(), context())],
  ['the search for accounts', 4, () => runDiscovery(stage.serving, context())],
  ['the delivery of notifications', 5, () => runDelivery(stage.serving, context())],
  ['GET health', 4, get('health')],
  ['GET accounts', 2, get('accounts')],
  ['GET accounts/{account}', 3, get('accounts/alpha')],
  ['GET requests', 3, get('accounts/alpha/requests')],
  ['GET history', 2, get('accounts/alpha/history')],
  ['GET campaigns', 1, get('campaigns')],
  ['POST check', 10, post('accounts/alpha/check', { reason: 'a test', searchVault: true })],
  ['POST rotate, dry run', 4, post('accounts/delta/rotate', { reason: 'a test', dryRun: true })],
  ['POST rotate', 8, post('accounts/delta/rotate', { reason: 'a test' })],
  // An emergency waits for the configuration for three seconds at most. Nothing follows from what is read later.
  [
    'POST rotate, compromised',
    8,
    post('accounts/gamma/rotate', { reason: 'a test', compromised: 'published' }),
    ['fleet'],
  ],
  ['POST pause', 3, post('accounts/beta/pause', { reason: 'a test' })],
  ['POST resume', 3, post('accounts/beta/resume', { reason: 'a test' })],
  ['POST campaigns, dry run', 2, post('campaigns', { ...CAMPAIGN, dryRun: true })],
  ['POST campaigns', 4, post('campaigns', CAMPAIGN)],
])(
  'no call goes on after the end of %s, whichever of its calls fails',
  { timeout: 60_000 },
  async (_, least, invoke, mayGoOn = []) => {
    let most = 0;
    for (let failing = 0; ; failing++) {
      expect(failing).toBeLessThan(CALLS_MAXIMUM);
      stage.advance(61_000);
      const watch = new Watch(failing);
      stage.serving = watch.over(stage.app);
      await invoke().catch(() => undefined);
      const underWay = watch.underWay.filter((name) => !mayGoOn.includes(name));
      const { begun } = watch;
      expect({ failing, underWay }).toEqual({ failing, underWay: [] });
      // Whatever a lane still had to do has begun after these turns.
      await turns(10);
      expect({ failing, begun: watch.begun }).toEqual({ failing, begun });
      most = Math.max(most, begun);
      if (begun <= failing) break;
    }
    stage.serving = stage.app;
    expect(most).toBeGreaterThanOrEqual(least);
  },
);
