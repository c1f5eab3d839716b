import { expect, it } from 'vitest';
import { sparedFromProxy } from '../../scripts/no-proxy.mjs';

it.each([
  [{}, 'localhost,127.0.0.1,::1'],
  [{ NO_PROXY: 'example.org, localhost' }, 'example.org,localhost,127.0.0.1,::1'],
  [{ no_proxy: 'example.org' }, 'example.org,localhost,127.0.0.1,::1'],
  [{ NO_PROXY: '*' }, '*'],
])('%j: local addresses are spared, and what was spared before', (environment, names) => {
  expect(sparedFromProxy(environment)).toEqual({ NO_PROXY: names, no_proxy: names });
});
