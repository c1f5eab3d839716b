// Hooks that components share: the time, the hash, polling that ends with its component. It must not draw.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Contact, ContactLog } from './contact.ts';
import { type Poll, type PollOptions, startPoll } from './poll.ts';

/** The time, renewed every so often. */
export function useNow(everyMs = 1_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** The alias in `#/accounts/<alias>`; undefined: the fleet. */
export function useRoute(): string | undefined {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const read = () => setHash(location.hash);
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }, []);
  return useMemo(() => aliasIn(hash), [hash]);
}

function aliasIn(hash: string): string | undefined {
  return /^#\/accounts\/([A-Za-z0-9-]{1,64})$/.exec(hash)?.[1];
}

/** Polls while the component is there, at once when the page is shown again; `deps` begin a new poll. */
export function usePoll<T>(
  options: Omit<PollOptions<T>, 'isHidden'>,
  deps: readonly unknown[],
): { readonly now: () => void } {
  const poll = useRef<Poll>(undefined);
  const latest = useRef(options);
  latest.current = options;
  useEffect(() => {
    const started = startPoll<T>({
      ask: () => latest.current.ask(),
      onAnswer: (answer) => latest.current.onAnswer(answer),
      isGood: (answer) => latest.current.isGood(answer),
      pauseMs: (took) => latest.current.pauseMs(took),
      isHidden: () => document.hidden,
    });
    poll.current = started;
    const wake = () => {
      if (!document.hidden) started.now();
    };
    document.addEventListener('visibilitychange', wake);
    addEventListener('online', wake);
    return () => {
      started.stop();
      document.removeEventListener('visibilitychange', wake);
      removeEventListener('online', wake);
    };
  }, deps);
  return useMemo(() => ({ now: () => poll.current?.now() }), []);
}

/** Whether a media query matches, followed as it changes. */
export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const read = () => setMatches(list.matches);
    read();
    list.addEventListener('change', read);
    return () => list.removeEventListener('change', read);
  }, [query]);
  return matches;
}

/** What is known of the connection, as it changes. A browser that is offline has lost it, before any call fails. */
export function useContact(log: ContactLog): Contact {
  const [contact, setContact] = useState(log.contact);
  useEffect(() => {
    const lose = () => log.lost(Date.now());
    const end = log.listen(() => setContact(log.contact));
    setContact(log.contact);
    addEventListener('offline', lose);
    return () => {
      end();
      removeEventListener('offline', lose);
    };
  }, [log]);
  return contact;
}
