// Holds the API versions of the templates against infra/api-versions.json, the one list of them, and against the retirements
// that are known. The list is kept by hand: `checked` is the day on which the sources were last read.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BICEP, findAll, read } from './infra-files.ts';

const SIX_MONTHS = 6;
const day = z.iso.date();
const retirement = z.object({ type: z.string(), before: day, on: day, source: z.url() });
const { checked, versions, retirements } = z
  .object({ checked: day, versions: z.record(z.string(), z.string()), retirements: z.array(retirement) })
  .parse(JSON.parse(read('infra/api-versions.json')));

/** Types whose version retires within six months of `today`, as far as the list knows. */
function retiring(used: Readonly<Record<string, string>>, today: Date): readonly string[] {
  const end = new Date(today);
  end.setUTCMonth(end.getUTCMonth() + SIX_MONTHS);
  const isLate = ({ type, before, on }: z.infer<typeof retirement>): boolean =>
    (used[type] ?? before) < before && new Date(on) <= end;
  return retirements.filter(isLate).map(({ type, on, source }) => `${type} ${used[type] ?? ''}: ${on}, ${source}`);
}

describe('the API versions of the templates', () => {
  it('are those of the list, one for each type', () => {
    const text = [...BICEP.values()].join('\n');
    const used = findAll(text, /'(Microsoft\.[A-Za-z]+\/[A-Za-z/]+@[\w-]+)'/g);
    expect(used).toEqual(
      Object.entries(versions)
        .map(([type, version]) => `${type}@${version}`)
        .toSorted(),
    );
  });

  it('do not retire within six months', () => {
    expect(retiring(versions, new Date())).toEqual([]);
  });

  it('would be found, if one did', () => {
    const old = { 'Microsoft.KeyVault/vaults': '2024-11-01' };
    const source = 'https://learn.microsoft.com/azure/key-vault/general/migrate-api-version';
    expect(retiring(old, new Date('2026-08-27'))).toEqual([
      `Microsoft.KeyVault/vaults 2024-11-01: 2027-02-27, ${source}`,
    ]);
    expect(retiring(old, new Date('2026-08-26'))).toEqual([]);
    expect(retiring({ 'Microsoft.KeyVault/vaults': '2026-02-01' }, new Date('2026-12-01'))).toEqual([]);
  });

  it('were checked when the list says so, which is no day to come', () => {
    expect(new Date(checked).getTime()).toBeLessThanOrEqual(Date.now());
  });
});
