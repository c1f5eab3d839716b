// The list of accounts. Only the visible rows are in the document, so that five thousand accounts scroll like five.
// It must not order, group or filter.
import { useEffect, useRef, useState } from 'preact/hooks';
import { PhaseLine } from '../account/phases.tsx';
import { useMedia, useNow } from '../hooks.ts';
import { Badge, Bar, When } from '../parts.tsx';
import { shareText, spanText } from '../time.ts';
import type { AccountSummary } from '../types.ts';
import { reasonText, spelledOut } from '../words.ts';
import type { Line } from './arrange.ts';
import { keyAgeText } from './facets.ts';
import { intervalOf, STANDINGS, standingsOf } from './fleet.ts';

/** Heights that the style sheet gives the rows. */
const WIDE_ROW = 62;
const NARROW_ROW = 138;
/** Rows before and after the visible ones, so that scrolling shows no gap. */
const MARGIN_ROWS = 8;
/** Rows that are shown until the page has been measured. */
const FIRST_ROWS = 40;

export function AccountList({ lines }: { lines: readonly Line[] }) {
  const isWide = useMedia('(min-width: 900px)');
  const rowHeight = isWide ? WIDE_ROW : NARROW_ROW;
  const body = useRef<HTMLDivElement>(null);
  const [from, to] = useVisible(body, rowHeight, lines.length);
  const now = useNow();
  const shown = lines.slice(from, to);
  return (
    <div class="list" role="table" aria-label="Accounts" aria-rowcount={lines.length + 1}>
      <div role="rowgroup" class="head">
        <div role="row" class="row" aria-rowindex={1}>
          {['Account', 'State', 'Since the last rotation', 'Next rotation', 'Last rotation'].map((name) => (
            <span role="columnheader" key={name}>
              {name}
            </span>
          ))}
        </div>
      </div>
      <div role="rowgroup" class="body" ref={body} style={{ height: `${lines.length * rowHeight}px` }}>
        <div role="presentation" style={{ transform: `translateY(${from * rowHeight}px)` }}>
          {shown.map((line, index) =>
            line.kind === 'account' ? (
              <Row key={line.account.account} account={line.account} index={from + index + 2} now={now} />
            ) : (
              <div role="row" class="row group" aria-rowindex={from + index + 2} key={`group ${line.name}`}>
                <span role="rowheader">
                  {line.name}
                  <span class="sub">{line.count.toLocaleString()}</span>
                </span>
              </div>
            ),
          )}
        </div>
      </div>
    </div>
  );
}

/** First and last row that are near the window. */
function useVisible(
  body: { readonly current: HTMLDivElement | null },
  rowHeight: number,
  count: number,
): readonly [number, number] {
  const [range, setRange] = useState<readonly [number, number]>([0, FIRST_ROWS]);
  useEffect(() => {
    const measure = () => {
      const top = -(body.current?.getBoundingClientRect().top ?? 0);
      const from = Math.max(0, Math.floor(top / rowHeight) - MARGIN_ROWS);
      const to = Math.ceil((top + innerHeight) / rowHeight) + MARGIN_ROWS;
      setRange((former) => (former[0] === from && former[1] === to ? former : [from, Math.max(from, to)]));
    };
    measure();
    addEventListener('scroll', measure, { passive: true });
    addEventListener('resize', measure);
    return () => {
      removeEventListener('scroll', measure);
      removeEventListener('resize', measure);
    };
  }, [rowHeight, count]);
  return [Math.min(range[0], Math.max(0, count - 1)), range[1]];
}

function Row({ account, index, now }: { account: AccountSummary; index: number; now: number }) {
  const { account: alias, resourceId, publishedSlot, policy, phase, phaseSince, reason, nextRotationAt } = account;
  const { kind, location } = account;
  const standings = standingsOf(account);
  const isBad = standings.some((standing) => STANDINGS[standing][1] === 'bad');
  const isRotating = phase === 'preparing' || phase === 'propagating' || phase === 'retiring';
  return (
    <div role="row" class={`row ${isBad ? 'attention' : ''}`} aria-rowindex={index} data-account={alias}>
      <span role="cell" class="name">
        <a href={`#/accounts/${alias}`}>{alias}</a>
        <span class="sub" title={resourceId}>
          {publishedSlot === undefined ? null : `${publishedSlot} published · `}
          {[policy, kind, location].filter((word) => word !== undefined).join(' · ')}
        </span>
      </span>
      <span role="cell" class="state">
        <Standings of={standings} />
        <span class="sub" title={reason === undefined ? '' : reasonText(reason)}>
          {reasonOf(account, now)}
        </span>
      </span>
      <span role="cell" class="age">
        {isRotating ? (
          <span class="measure">
            <PhaseLine phase={phase} />
            <span class="measured">
              {spelledOut(phase)}
              {phaseSince === undefined ? '' : ` for ${spanText(Math.max(0, now - Date.parse(phaseSince)))}`} ·{' '}
              {keyAgeText(account, now)}
            </span>
          </span>
        ) : (
          <Since account={account} now={now} />
        )}
      </span>
      <span role="cell" class="next">
        {nextRotationAt === undefined ? (
          <span class="muted">{isRotating ? 'under way' : 'not known'}</span>
        ) : (
          <span>
            {Date.parse(nextRotationAt) <= now ? 'Due ' : <span class="what">Next </span>}
            <When at={nextRotationAt} now={now} isRelative />
          </span>
        )}
      </span>
      <span role="cell" class="last">
        <Last account={account} now={now} />
      </span>
    </div>
  );
}

/** Blocked and overdue are two facts. */
function Standings({ of }: { of: ReturnType<typeof standingsOf> }) {
  return (
    <span class="badges">
      {of.map((standing) => {
        const [label, tone] = STANDINGS[standing];
        return (
          <Badge tone={tone} key={standing}>
            {label}
          </Badge>
        );
      })}
    </span>
  );
}

/** The last pass may have found nothing due, and the rotation is due since. */
function reasonOf({ reason, phase, nextRotationAt, isOverdue }: AccountSummary, now: number): string {
  if (reason === undefined) return spelledOut(phase);
  if (reason !== 'NotDue') return spelledOut(reason);
  if (isOverdue) return 'Should have begun';
  const isDue = nextRotationAt !== undefined && Date.parse(nextRotationAt) <= now;
  return isDue ? 'Begins with the next pass' : 'Nothing due';
}

function Since({ account, now }: { account: AccountSummary; now: number }) {
  const interval = intervalOf(account, now);
  if (interval === undefined) return <span class="muted">not known</span>;
  const age = keyAgeText(account, now);
  if (!interval.isKnown) {
    const known = account.keyRegeneratedAt === undefined ? '' : ` · ${age}`;
    return (
      <span class="muted">
        not known: {interval.why}
        {known}
      </span>
    );
  }
  const { share, tone, sinceMs, wholeMs, word } = interval;
  const text = `${shareText(sinceMs, wholeMs)}${word === '' ? '' : `, ${word}`} · ${age}`;
  return <Bar share={share} tone={tone} text={text} />;
}

function Last({ account: { last, rotationId }, now }: { account: AccountSummary; now: number }) {
  if (last === undefined)
    return (
      <span class="muted">
        {rotationId === undefined || rotationId === 0 ? 'none yet' : `№ ${rotationId} under way`}
      </span>
    );
  const { outcome, provenAt, rotationId: id } = last;
  return (
    <>
      <span>
        № {id} {spelledOut(outcome).toLowerCase()}
      </span>
      <span class="sub">
        {provenAt === undefined ? (
          'death not proven'
        ) : (
          <>
            proven <When at={provenAt} now={now} isRelative />
          </>
        )}
      </span>
    </>
  );
}
