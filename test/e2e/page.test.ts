// The page in a real browser: one browser for all of it. While the views are looked at before an API that answers from
// memory, the host for the last part starts and adopts its accounts.
import { afterAll, it } from 'vitest';
import { startBrowser } from './browser.ts';
import { describeActs } from './page-acts.ts';
import { describeAlive } from './page-alive.ts';
import { describeConsequence } from './page-consequence.ts';
import { describeFleet } from './page-fleet.ts';
import { describeFreeze } from './page-freeze.ts';
import { describeLive, startLive } from './page-live.ts';
import { describeLocales } from './page-locales.ts';
import { describeLooks } from './page-looks.ts';
import { describePictures } from './page-pictures.ts';
import { describeRemedies } from './page-remedies.ts';
import { startStub } from './page-stub.ts';
import { describeTruth } from './page-truth.ts';
import { describeViews } from './page-views.ts';

const started = await startBrowser();
if (typeof started === 'string') it('cannot be looked at here', ({ skip }) => skip(started));
else {
  const stub = await startStub(12);
  const live = startLive();
  // Awaited, and told, by the tests that need it.
  live.catch(() => undefined);
  afterAll(async () => {
    await stub.close();
    await started.close();
    await (await live).stage.close();
  });
  describeViews(started.browser, stub);
  describeAlive(started.browser, stub);
  describeTruth(started.browser, stub);
  describeRemedies(started.browser, stub);
  describeConsequence(started.browser, stub);
  describeFleet(started.browser, stub);
  describeFreeze(started.browser, stub);
  describeActs(started.browser, stub);
  describeLocales(started.browser, stub);
  describeLooks(started.browser, stub);
  describePictures(started.browser, stub);
  describeLive(started.browser, live);
}
