// The accounts of a local Azure: kinds that differ in key shape, probe or type of resource.

import type { KeyShape } from './world/nature.ts';
import type { AccountSeed } from './world/world.ts';

export const subscriptionId = '11111111-2222-3333-4444-555555555555';
export const resourceGroup = 'ai-services';

const LOCATION = 'westeurope';

const KINDS: readonly { readonly kind: string; readonly name: string; readonly keyShape: KeyShape }[] = [
  { kind: 'TextAnalytics', name: 'language', keyShape: 'hex32' },
  { kind: 'OpenAI', name: 'openai', keyShape: 'annotated84' },
  { kind: 'SpeechServices', name: 'speech', keyShape: 'hex32' },
  { kind: 'Search', name: 'search', keyShape: 'hex32' },
];

/** `count` accounts, cycling the kinds: `demo-language-1`, `demo-openai-2`, `demo-speech-3`, `demo-search-4`, … */
export function demoAccounts(count = 3): AccountSeed[] {
  const seeds: AccountSeed[] = [];
  while (seeds.length < count) {
    for (const { kind, name, keyShape } of KINDS.slice(0, count - seeds.length)) {
      const number = seeds.length + 1;
      seeds.push({
        subscriptionId,
        resourceGroup,
        name: `demo-${name}-${number}`,
        kind,
        location: LOCATION,
        keyShape,
      });
    }
  }
  return seeds;
}
