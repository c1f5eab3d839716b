// A local Azure with two accounts, and what the tests of the consumer library do with it over the wire: publish and
// announce a key, read it through a source, hear of it at a webhook, and call with it.
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppConfigurationClient } from '@azure/app-configuration';
import { SecretClient } from '@azure/keyvault-secrets';
import { demoAccounts } from '../../local/azure/demo-accounts.ts';
import type { EventSchema } from '../../local/azure/local-azure.ts';
import {
  createKeyConsumer,
  createReferenceSource,
  createVaultSource,
  type KeyConsumer,
  type KeyConsumerOptions,
  type KeySource,
} from '../../packages/consumer/src/index.ts';
import { startWire, type Wire } from '../contract/wire.ts';

export const HOUR = 3_600_000;
export const SECRET = 'demo-language-1-key';
export const REFERENCE_KEY = 'demo-language-1:Key';
export const REFERENCE = 'application/vnd.microsoft.appconfig.keyvaultref+json;charset=utf-8';

type Slot = 'key1' | 'key2';

export interface ConsumerStage {
  readonly wire: Wire;
  /** ARM ids of the accounts. */
  readonly language: string;
  readonly speech: string;
  readonly keysOf: (id: string) => Readonly<Record<Slot, { readonly value: string }>>;
  /** Publishes the Language account's key of this slot. */
  readonly publish: (slot: Slot) => { readonly version: string; readonly uri: string };
  readonly announce: (uri: string) => void;
  readonly vaultSource: (secretName?: string) => KeySource;
  readonly referenceSource: () => KeySource;
  /** Closed with the others by `clear`. */
  readonly consume: (options: KeyConsumerOptions) => KeyConsumer;
  /** A server on a free port; returns its address. Closed by `clear`. */
  readonly serve: (listener: RequestListener) => Promise<string>;
  /** Hands the events of these types to `consumer`. Ended by `clear`. */
  readonly subscribe: (consumer: KeyConsumer, types: readonly string[], schema: EventSchema) => Promise<void>;
  /** One call of the Language account's data plane. */
  readonly call: (key: { reveal(): string }) => Promise<Response>;
  /** Statuses of the data plane, as the wire saw them, from now until the function that is returned is called. */
  readonly watch: () => () => number[];
  /** For whatever else has to end with the test. */
  readonly opened: (() => void)[];
  /** After each test. */
  readonly clear: () => void;
}

export async function startConsumerStage(): Promise<ConsumerStage> {
  const wire = await startWire();
  const { azure, credential } = wire;
  const { world, endpoints } = azure;
  const [languageSeed, , speechSeed] = demoAccounts(3);
  if (languageSeed === undefined || speechSeed === undefined) throw new Error('There are no such demo accounts.');
  const language = world.addAccount(languageSeed).id;
  const speech = world.addAccount(speechSeed).id;
  const opened: (() => void)[] = [];
  const vault = new SecretClient(endpoints.keyVault, credential, { disableChallengeResourceVerification: true });
  const keysOf = (id: string) => world.account(id).keys;
  const serve = async (listener: RequestListener): Promise<string> => {
    const server = createServer(listener);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    opened.push(() => server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  };
  return {
    wire,
    language,
    speech,
    opened,
    keysOf,
    serve,
    publish(slot) {
      const { version } = world.vault.set(SECRET, { value: keysOf(language)[slot].value });
      return { version, uri: `${endpoints.keyVault}/secrets/${SECRET}/${version}` };
    },
    announce(uri) {
      world.store.set(REFERENCE_KEY, null, { value: JSON.stringify({ uri }), contentType: REFERENCE });
    },
    vaultSource: (secretName = SECRET) => createVaultSource({ vault, secretName }),
    referenceSource: () =>
      createReferenceSource({
        appConfiguration: new AppConfigurationClient(endpoints.appConfiguration, credential),
        vault,
        referenceKey: REFERENCE_KEY,
      }),
    consume(options) {
      const consumer = createKeyConsumer(options);
      opened.push(() => consumer.close());
      return consumer;
    },
    async subscribe(consumer, types, schema) {
      const endpoint = await serve(webhook((event) => consumer.notify(event)));
      opened.push(await azure.events.subscribe({ endpoint, schema, types }));
    },
    call: (key) =>
      fetch(`${azure.dataPlaneEndpoint('demo-language-1')}language/:analyze-text?api-version=2023-04-01`, {
        method: 'POST',
        headers: { 'Ocp-Apim-Subscription-Key': key.reveal(), 'Content-Type': 'application/json' },
        body: JSON.stringify({
          kind: 'LanguageDetection',
          analysisInput: { documents: [{ id: '1', text: 'Guten Tag' }] },
        }),
      }),
    watch() {
      const statuses: number[] = [];
      const end = azure.onRequest(({ service, status }) => service === 'dataPlane' && statuses.push(status));
      return () => {
        end();
        return statuses;
      };
    },
    clear() {
      for (const close of opened.splice(0)) close();
    },
  };
}

/** A webhook as an application has one; answers each event with 200 once it was handed on. */
function webhook(take: (event: unknown) => Promise<void>): RequestListener {
  return (request, response) => {
    const answer = async () => {
      if (request.method === 'OPTIONS') return response.setHeader('WebHook-Allowed-Origin', '*').end();
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const body = JSON.parse(Buffer.concat(chunks).toString()) as unknown;
      const events = Array.isArray(body) ? (body as { data?: { validationCode?: string } }[]) : [body];
      if (request.headers['aeg-event-type'] === 'SubscriptionValidation') {
        const [event] = events as { data?: { validationCode?: string } }[];
        return response.end(JSON.stringify({ validationResponse: event?.data?.validationCode }));
      }
      for (const event of events) await take(event);
      return response.end();
    };
    answer().catch(() => response.writeHead(500).end());
  };
}
