// The holders of an account: resources outside the vault that hold a key of it, or point at its secret.
// It must not ask the API.
import { Badge, When } from '../parts.tsx';
import type { AccountStatus } from '../types.ts';
import { evidenceOf, type HolderStatus, holderTitle, kindText, standingText } from './holder-words.ts';

export function Holders({ status, now }: { status: AccountStatus; now: number }) {
  const { holders: known, publishedVersion } = status;
  if (known === undefined) return null;
  const { isKnown, searchedAt, holders, unseen, unseenCount } = known;
  return (
    <section class="panel" aria-labelledby="holders-heading">
      <h2 id="holders-heading">Holders</h2>
      <p class="muted">
        {!isKnown ? (
          'What is known of them could not be read.'
        ) : searchedAt === undefined ? (
          'They were not searched yet.'
        ) : (
          <>
            {holders.length === 0 ? 'None was found' : `Found: ${holders.length}`}, last searched{' '}
            <When at={searchedAt} now={now} isRelative />.
          </>
        )}
      </p>
      {holders.length === 0 ? null : (
        <ul class="consumers">
          {holders.map((holder) => (
            <HolderLine
              key={`${holder.kind} ${holder.resource} ${holder.name}`}
              holder={holder}
              publishedVersion={publishedVersion}
              now={now}
            />
          ))}
        </ul>
      )}
      {unseenCount === 0 ? null : (
        <>
          <p>Resources that could not be looked into, and may hold a key: {unseenCount}.</p>
          <ul class="consumers">
            {unseen.map(({ resource, cause }) => (
              <li key={resource}>
                <Badge tone="warn">not seen</Badge> <code class="resource">{resource}</code> {cause}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function HolderLine(props: { holder: HolderStatus; publishedVersion: string | undefined; now: number }) {
  const { holder, publishedVersion, now } = props;
  const evidence = evidenceOf(holder, publishedVersion);
  const failure = holder.bringing?.failure;
  return (
    <li>
      {holder.needsPerson ? (
        <Badge tone="warn">needs a person</Badge>
      ) : evidence === undefined ? (
        <Badge tone="busy">not seen with the published key</Badge>
      ) : (
        <Badge tone="good">has the published key</Badge>
      )}{' '}
      <b>{holderTitle(holder)}</b>, {kindText(holder)}. {standingText(holder)}{' '}
      {evidence === undefined ? null : (
        <>
          {evidence.text} <When at={evidence.at} now={now} isRelative />
        </>
      )}
      {evidence !== undefined || failure === undefined ? null : `The last attempt failed: ${failure}`}
      <br />
      <code class="resource">{holder.resource}</code>
    </li>
  );
}
