import { describe, expect, it } from 'vitest';
import { evaluate, type Surroundings } from '../../local/deploy/expression.ts';

const resources: Readonly<Record<string, unknown>> = {
  '/vaults/v': { location: 'westeurope', properties: { vaultUri: 'https://v.vault.azure.net/' } },
};
const around: Surroundings = {
  parameters: { notificationUrl: 'https://example.com/hook' },
  reference: (id, isFull) => {
    const resource = resources[id] as { readonly properties: unknown } | undefined;
    if (resource === undefined) throw new Error(`There is no ${id}.`);
    return isFull ? resource : resource.properties;
  },
};

describe('what the compiler leaves open in a template', () => {
  it.each([
    ['a plain text', 'a plain text'],
    ['[[not an expression]', '[not an expression]'],
    ["[reference('/vaults/v', '2024-11-01').vaultUri]", 'https://v.vault.azure.net/'],
    ["[reference('/vaults/v', '2024-11-01').VAULTURI]", 'https://v.vault.azure.net/'],
    ["[reference('/vaults/v', '2024-11-01', 'full').location]", 'westeurope'],
    ["[reference('/vaults/v', '2024-11-01', 'full')['properties'].vaultUri]", 'https://v.vault.azure.net/'],
    ["[parameters('notificationUrl')]", 'https://example.com/hook'],
    ["[format('{1} and {0}, ''quoted''', 'one', 2)]", "2 and one, 'quoted'"],
    ["[extensionResourceId('/vaults/v', 'A/b', 'c')]", '/vaults/v/providers/A/b/c'],
  ])('%s is %s', (text, expected) => {
    expect(evaluate(text, around)).toBe(expected);
  });

  it('is found however deep it is', () => {
    const value = { list: [{ url: "[reference('/vaults/v', '1').vaultUri]" }], number: 1, nothing: null };
    const expected = { list: [{ url: 'https://v.vault.azure.net/' }], number: 1, nothing: null };
    expect(evaluate(value, around)).toEqual(expected);
  });

  it('gives the same name for the same parts, and another for others', () => {
    const guid = (...parts: readonly string[]) => evaluate(`[guid('${parts.join("', '")}')]`, around);
    expect(guid('a', 'b')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(guid('a', 'b')).toBe(guid('a', 'b'));
    expect(guid('a', 'b')).not.toBe(guid('a', 'c'));
  });

  it.each([
    ["[base64('x')]", "The function 'base64' is not known here."],
    ["[toString('x')]", "The function 'toString' is not known here."],
    ["[reference('/vaults/v', '1').endpoint]", "There is no 'endpoint' in"],
    ["[reference('/vaults/w', '1').vaultUri]", 'There is no /vaults/w.'],
    ["[parameters('notificationUrl']", "The expression lacks a ')'."],
    ["[parameters('notificationUrl') 'more']", 'The expression goes on where it should end.'],
    ["[parameters('notificationUrl') + 1]", 'cannot be read at position 29'],
    ['[format(,)]', 'The expression lacks a value.'],
  ])('%s is an error that says why', (text, message) => {
    expect(() => evaluate(text, around)).toThrow(message);
  });
});
