/** The command of a Bicep compiler that knows `verb` (`build` when absent); undefined where there is none. */
export function findCompiler(verb?: string): string | undefined;
