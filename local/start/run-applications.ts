// The process in which the sample applications run: told by its parent which, ends when the parent ends.
import { type ApplicationOptions, runApplication } from './application.ts';

const end = new AbortController();
process.once('disconnect', () => end.abort());
process.once('SIGTERM', () => end.abort());

process.once('message', (applications: readonly ApplicationOptions[]) => {
  const running = applications.map((options) => runApplication(options, end.signal));
  process.send?.('started');
  Promise.all(running).then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(
        `A sample application could not start: ${error instanceof Error ? error.message : 'unknown'}\n`,
      );
      process.exit(1);
    },
  );
});
