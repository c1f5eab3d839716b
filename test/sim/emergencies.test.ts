// Holds the table of lasting conditions in docs/emergencies.md equal to what the shipped core does in the simulator, and to
// the promise of that page: within three passes, or Azure itself refuses.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { asMarkdown, CONDITIONS, emergencies, type Row } from './emergencies.ts';

const PAGE = readFileSync(new URL('../../docs/emergencies.md', import.meta.url), 'utf8');
const [, BLOCK = ''] = /^<!-- emergencies -->\n\n([\s\S]*?)\n\n<!-- \/emergencies -->$/m.exec(PAGE) ?? [];

let rows: readonly Row[] = [];
beforeAll(async () => {
  rows = await emergencies();
});

describe('a leaked key while something is broken for good', () => {
  it('is replaced as docs/emergencies.md says, by condition, phase and key', () => {
    expect(BLOCK.split('\n')).toEqual(asMarkdown(rows).split('\n'));
  });

  it('is replaced in each of 8 cases of each condition, unless Azure itself refuses', () => {
    const beyondUs = CONDITIONS.filter(({ isBeyondUs }) => isBeyondUs !== undefined).map(({ name }) => name);
    expect(beyondUs).toEqual(['Azure Resource Manager refuses to list or regenerate keys']);
    expect(rows.map(({ name, cells }) => [name, cells.length])).toEqual(CONDITIONS.map(({ name }) => [name, 8]));
    const stillKeys = rows.filter(({ cells }) => cells.some((cell) => 'never' in cell)).map(({ name }) => name);
    expect(stillKeys).toEqual(beyondUs);
  });

  it('is replaced within three passes', () => {
    const slow = rows.flatMap(({ name, cells }) =>
      cells.flatMap((cell) => ('passes' in cell && cell.passes > 3 ? [[name, cell.passes]] : [])),
    );
    expect(slow).toEqual([]);
  });

  it('needs the word that an outage is accepted only where no other key can be published, or a person must look first', () => {
    const accepted = rows.filter(({ cells }) => cells.some((cell) => 'passes' in cell && cell.accept === 'outage'));
    expect(accepted.map(({ name }) => name)).toEqual([
      'the data plane rejects every key that is made from now on',
      'Key Vault cannot be read',
      'Key Vault refuses writes',
      'the newest version of the secret is disabled',
      'the secret holds a value that is not recognised',
      'the record cannot be read',
    ]);
  });
});
