// The host that a holder sends its value to: it tells whose key a value is that cannot be read.
// It must not resolve or call it.

/** Lower-cased, without a port. Empty if the address is none. */
export function hostOf(address: string | null | undefined): { readonly sentTo?: string } {
  if (address === undefined || address === null || !URL.canParse(address)) return {};
  const { hostname } = new URL(address);
  return hostname === '' ? {} : { sentTo: hostname.toLowerCase() };
}
