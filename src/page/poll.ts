// Asks a question repeatedly: quickly while the page is visible, slowly while it is hidden, ever more slowly while
// there is no answer, and at once on request. It must not know the question.

export interface PollOptions<T> {
  readonly ask: () => Promise<T>;
  readonly onAnswer: (answer: T) => void;
  /** False for a failure; then the next question comes later. */
  readonly isGood: (answer: T) => boolean;
  /** Milliseconds to the next question, given how long the last one took. */
  readonly pauseMs: (tookMs: number) => number;
  readonly isHidden: () => boolean;
}

export interface Poll {
  /** Asks at once. If a question is under way, asks again after it: its answer may be older than this call. */
  now(): void;
  stop(): void;
}

const HIDDEN_MS = 60_000;
const BACK_OFF_MINIMUM_MS = 1_000;
const BACK_OFF_MAXIMUM_MS = 30_000;

/** 1, 2, 4 … 30 seconds. */
export function backOffMs(failures: number): number {
  return Math.min(BACK_OFF_MAXIMUM_MS, BACK_OFF_MINIMUM_MS * 2 ** (failures - 1));
}

export function startPoll<T>({ ask, onAnswer, isGood, pauseMs, isHidden }: PollOptions<T>): Poll {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let isAsking = false;
  let wishes = 0;
  let isStopped = false;
  const run = async (): Promise<void> => {
    clearTimeout(timer);
    isAsking = true;
    const before = wishes;
    const startedAt = performance.now();
    const answer = await ask();
    isAsking = false;
    if (isStopped) return;
    failures = isGood(answer) ? 0 : failures + 1;
    onAnswer(answer);
    const usual = failures > 0 ? backOffMs(failures) : pauseMs(performance.now() - startedAt);
    timer = setTimeout(() => void run(), wishes > before ? 0 : isHidden() ? Math.max(HIDDEN_MS, usual) : usual);
  };
  void run();
  return {
    now() {
      if (isAsking) wishes++;
      else if (!isStopped) void run();
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
