// What people read: a notification as a card for Teams and as a text for Slack. It must not send anything.

/** As much of the event as people need; docs/notifications.md has all of it. */
export interface Notification {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly data: Readonly<Record<string, string | number>>;
}

const TITLES: Readonly<Record<string, string>> = {
  RotationStarted: 'A rotation has started',
  RotationCompleted: 'A rotation is complete',
  Blocked: 'An account is blocked',
  Unblocked: 'An account is not blocked any more',
  Repaired: 'A published key was repaired',
  RolledBack: 'A rotation was rolled back',
  Requested: 'An operator has made a request',
  CompromisedRequested: 'A key was named as compromised',
  KeyReplaced: 'A compromised key was replaced; its death is not proven yet',
  KeySacrificed: 'A compromised key was regenerated, with an outage accepted',
  RequestClosed: 'A request is closed',
};
/** How a request about a compromised key may end. */
const ENDS: Readonly<Record<string, string>> = {
  KeyIsDead: 'A compromised key is proven dead',
  KeyReplaced: 'A compromised key was replaced; its death was not proven',
};

function titleOf({ type, data }: Notification): string {
  const name = type.split('.').at(-1) ?? type;
  const end = name === 'RequestClosed' ? ENDS[String(data['reason'])] : undefined;
  return end ?? TITLES[name] ?? name;
}

function factsOf({ subject, time, data }: Notification): readonly (readonly [string, string])[] {
  const shown = ['rotationId', 'reason', 'slot', 'by', 'requestId'];
  const facts = shown.flatMap((name) => {
    const value = data[name];
    return value === undefined ? [] : [[name, String(value)] as const];
  });
  return [['account', String(data['account'] ?? subject)], ...facts, ['time', time]];
}

/** Cards read Markdown: what an operator wrote must not become a link. */
function unlinked(text: string): string {
  return text.replace(/[[\]]/g, String.raw`\$&`);
}

/** For a flow that begins with "When a Teams webhook request is received": a message with one Adaptive Card. */
export function teamsMessage(event: Notification): object {
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            { type: 'TextBlock', text: titleOf(event), weight: 'Bolder', size: 'Medium', wrap: true },
            { type: 'FactSet', facts: factsOf(event).map(([title, value]) => ({ title, value: unlinked(value) })) },
          ],
        },
      },
    ],
  };
}

/** For an incoming webhook of Slack; three characters have a meaning there, and operators write what they like. */
export function slackMessage(event: Notification): object {
  const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const lines = factsOf(event).map(([name, value]) => `${name}: ${escape(value)}`);
  return { text: [`*${titleOf(event)}*`, ...lines].join('\n') };
}
