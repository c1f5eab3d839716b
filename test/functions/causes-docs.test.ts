// Holds the table of causes in docs/permissions.md equal to the one in the code.
import { expect, it } from 'vitest';
import { CAUSES, type Cause } from '../../src/azure/client/causes.ts';
import { readDocument } from '../support/documents.ts';

const SERVICES: Readonly<Record<string, string>> = {
  arm: 'Azure Resource Manager',
  keyVault: 'Key Vault',
  appConfiguration: 'App Configuration',
  table: 'Tables',
};

const needed = { permission: '*the permission of the call*', policyPermission: '*Get, List or Set*' };

function rowOf(cause: Cause): string {
  const named = [cause.codes, cause.vagueCodes].flatMap((codes) =>
    Object.entries(codes ?? {}).map(
      ([service, list]) => `${SERVICES[service] ?? service} ${list.map((code) => `\`${code}\``).join(', ')}`,
    ),
  );
  const vague = [
    ...(cause.words === undefined ? [] : ['words of the service']),
    ...(cause.status === undefined ? [] : [`any other ${cause.status}`]),
  ];
  const seen = [...named, ...vague].join('; ');
  return `| ${seen} | ${cause.code} | ${cause.remedy(needed)} |`;
}

it('docs/permissions.md has a row for each cause of a refusal, with its codes, class and sentence', () => {
  const page = readDocument('docs/permissions.md');
  const table = page.split('\n\n').find((text) => text.startsWith('| a refusal says |')) ?? '';
  expect(table.trim().split('\n').slice(2)).toEqual(Object.values(CAUSES).map(rowOf));
});
