import { expect, it } from 'vitest';
import { endure, STYLES } from './applications.ts';

/** An application that looks each second makes at most so many calls with a key that was taken away by intent. */
const FAILURES_BY_INTENT_MAXIMUM = 20;

/** Twenty rotations, each of which gives the gateway's nodes their time, twice. */
const TIMEOUT_MS = 600_000;

it(
  'three kinds of applications behind lagging nodes live through twenty rotations, a roll back, an emergency and a hand in the portal',
  async () => {
    const report = await endure(20);
    console.info(JSON.stringify(report));
    for (const style of STYLES) {
      const { requests, failures, failuresInEmergency, failuresByHand } = report.applications[style];
      expect(requests, style).toBeGreaterThan(300);
      expect(failures, style).toBe(0);
      expect(failuresInEmergency, style).toBeLessThanOrEqual(FAILURES_BY_INTENT_MAXIMUM);
      expect(failuresByHand, style).toBeLessThanOrEqual(FAILURES_BY_INTENT_MAXIMUM);
    }
  },
  TIMEOUT_MS,
);
