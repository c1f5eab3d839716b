// The app of this process, wired on its environment at the first call.
import { type App, composeApp, forInvocation } from '../compose.ts';

let app: App | undefined;

/** For one invocation: called at its beginning, and not kept. */
export function getApp(): App {
  app ??= composeApp(process.env);
  return forInvocation(app);
}
