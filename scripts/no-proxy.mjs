// Addresses of this machine never go through a proxy: a company's proxy cannot reach them, and answers for them.
// It must run under the Node that started npm.

const LOCAL = ['localhost', '127.0.0.1', '::1'];

/**
 * The variables that keep clients from sending local addresses to the proxy of `environment`. Both spellings, because
 * clients differ in which one they prefer.
 * @param {Readonly<Record<string, string | undefined>>} environment
 */
export function sparedFromProxy(environment) {
  const given = (environment['NO_PROXY'] || environment['no_proxy'] || '').split(',').map((name) => name.trim());
  // An asterisk spares every address, but only alone.
  const names = given.includes('*') ? ['*'] : [...new Set([...given, ...LOCAL])].filter((name) => name !== '');
  return { NO_PROXY: names.join(','), no_proxy: names.join(',') };
}
