// The relay of the examples, between the real sender and receivers that look at what they get.
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { slackMessage } from '../../examples/notification-relay/messages.ts';
import { createRelay } from '../../examples/notification-relay/relay.ts';
import { isGenuine } from '../../examples/notification-relay/verify.ts';
import { createWebhook } from '../../src/azure/webhook.ts';
import { eventOf } from '../../src/notify/cloud-event.ts';
import { EVENT_NAMES } from '../../src/notify/names.ts';
import { signatureOf } from '../../src/notify/signature.ts';
import type { AccountId, RotationId } from '../../src/rotation/model.ts';
import { SecretValue } from '../../src/rotation/secret.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';

const SECRET = 'correct-horse-battery-staple-0123456789';
const EVENT = eventOf(
  'o|a|1',
  {
    accountId: '/subscriptions/s/accounts/shop' as AccountId,
    entry: {
      kind: 'Requested',
      at: Date.UTC(2030, 5, 1),
      rotationId: 7 as RotationId,
      reason: 'compromised: in a <log> & a [wiki](https://example.org)',
      by: 'ana',
    },
  },
  { source: 'urn:test', aliasOf: () => 'shop' },
);

let teams: Receiver;
let slack: Receiver;
let topic: Receiver;
let relay: Server;
let url: string;
beforeEach(async () => {
  [teams, slack, topic] = await Promise.all([startReceiver('x'), startReceiver('x'), startReceiver('x')]);
  relay = createRelay({
    secret: SECRET,
    teamsUrl: teams.url,
    slackUrl: slack.url,
    eventGrid: { endpoint: topic.url.replace(/\?.*/, ''), key: 'topic-key' },
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  url = `http://127.0.0.1:${(relay.address() as AddressInfo).port}/`;
});
afterEach(async () => {
  relay.closeAllConnections();
  relay.close();
  await Promise.all([teams.close(), slack.close(), topic.close()]);
});

const send = (secret = SECRET, now = Date.now()) => {
  if (EVENT === undefined) throw new Error('Nobody is told.');
  const webhook = createWebhook({
    url: new SecretValue(url),
    secret: new SecretValue(secret),
    clock: { now: () => now },
  });
  return webhook.send(EVENT);
};

describe('the relay', () => {
  it('passes a notification on, once, to each in its own form', async () => {
    expect(await send()).toEqual({ kind: 'taken' });
    expect(await send()).toEqual({ kind: 'taken' });
    expect([teams, slack, topic].map(({ received }) => received.length)).toEqual([1, 1, 1]);
    expect(JSON.parse(slack.received[0]?.body ?? '')).toEqual({
      text:
        '*A key was named as compromised*\naccount: shop\nrotationId: 7\n' +
        'reason: compromised: in a &lt;log&gt; &amp; a [wiki](https://example.org)\nby: ana\ntime: 2030-06-01T00:00:00.000Z',
    });
    expect(JSON.parse(teams.received[0]?.body ?? '')).toMatchObject({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          content: {
            type: 'AdaptiveCard',
            body: [
              { type: 'TextBlock', text: 'A key was named as compromised' },
              {
                type: 'FactSet',
                facts: [
                  { title: 'account', value: 'shop' },
                  { title: 'rotationId', value: '7' },
                  {
                    title: 'reason',
                    value: String.raw`compromised: in a <log> & a \[wiki\](https://example.org)`,
                  },
                  { title: 'by', value: 'ana' },
                  { title: 'time', value: '2030-06-01T00:00:00.000Z' },
                ],
              },
            ],
          },
        },
      ],
    });
    expect(topic.received[0]?.event).toEqual(EVENT);
    expect(topic.received[0]?.headers).toMatchObject({
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'aeg-sas-key': 'topic-key',
    });
  });

  it.each([
    ['KeyReplaced', {}, 'A compromised key was replaced; its death is not proven yet'],
    ['KeySacrificed', {}, 'A compromised key was regenerated, with an outage accepted'],
    ['RequestClosed', { reason: 'KeyIsDead' }, 'A compromised key is proven dead'],
    ['RequestClosed', { reason: 'KeyReplaced' }, 'A compromised key was replaced; its death was not proven'],
    ['RequestClosed', { reason: 'RolledBack' }, 'A request is closed'],
  ])('says of %s with %j what it means for a leaked key', (name, data, title) => {
    const event = { id: '1', type: `AiServicesKeyRotation.${name}`, subject: 'shop', time: '2030-06-01', data };
    expect(slackMessage(event)).toMatchObject({ text: expect.stringContaining(`*${title}*`) as unknown });
  });

  it('has a title for every event', () => {
    for (const name of EVENT_NAMES) {
      const event = { id: '1', type: `AiServicesKeyRotation.${name}`, subject: 'shop', time: '2030-06-01', data: {} };
      expect(slackMessage(event)).toMatchObject({ text: expect.not.stringContaining(`*${name}*`) as unknown });
    }
  });

  it('does not take what a target has not taken', async () => {
    slack.answers.push({ status: 500 });
    expect(await send()).toMatchObject({ kind: 'unavailable', detail: 'The receiver answered 502.' });
    expect(await send()).toEqual({ kind: 'taken' });
    expect(slack.received).toHaveLength(2);
  });

  it.each([
    ['another secret', 'another-secret-another-secret-another', 0],
    ['an old signature', SECRET, -301_000],
    ['a signature of the future', SECRET, 301_000],
  ])('refuses %s', async (_, secret, shift) => {
    expect(await send(secret, Date.now() + shift)).toMatchObject({ detail: 'The receiver answered 401.' });
    expect(slack.received).toEqual([]);
  });

  it('refuses what is too large, unsigned, or no POST', async () => {
    const post = async (body: string) => (await fetch(url, { method: 'POST', body })).status;
    expect(await post('x'.repeat(65_537))).toBe(413);
    expect(await post('{}')).toBe(401);
    expect((await fetch(url)).status).toBe(405);
  });
});

describe('the signature', () => {
  // Computed with `openssl dgst -sha256 -hmac` (Base64 of the digest), not with this code.
  it.each([
    [SECRET, 'v1,YDW5lfwwbWWKb+Kn5Dw6RkSCbNSX4xHr9+DfRvpfe1g='],
    ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'v1,ufv45WIonjonlsB4RtxC24Ig4CisWfbJI1o6/4Uarps='],
  ])('of %s is that of the scheme', (secret, expected) => {
    expect(signatureOf(new SecretValue(secret), 'msg_1', 1_674_087_231, '{"a":1}')).toBe(expected);
  });

  it('is accepted among others, as while a secret changes', () => {
    const headers = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1674087231',
      'webhook-signature': `v1,AAAA v1a,xyz ${signatureOf(new SecretValue(SECRET), 'msg_1', 1_674_087_231, '{}')}`,
    };
    expect(isGenuine(headers, '{}', SECRET, 1_674_087_231_000)).toBe(true);
    expect(isGenuine(headers, '{} ', SECRET, 1_674_087_231_000)).toBe(false);
    expect(isGenuine({}, '{}', SECRET, 1_674_087_231_000)).toBe(false);
  });
});
