export function sparedFromProxy(
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<'NO_PROXY' | 'no_proxy', string>>;
