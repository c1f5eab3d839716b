// The app of this process, wired on its environment at the first call.
import { type App, composeApp } from '../compose.ts';

let app: App | undefined;

export function getApp(): App {
  app ??= composeApp(process.env);
  return app;
}
