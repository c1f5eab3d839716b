// Holds infra/terraform against the template that it deploys, line by line. If `terraform` is on the path, it parses both
// files and evaluates the parameters. The provider is not fetched, so no test knows what `terraform plan` says.
import { spawnSync } from 'node:child_process';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BICEP, findAll, read } from './infra-files.ts';

const code = read('infra/terraform/main.tf').replace(/^\s*#.*$/gm, '');
const example = read('infra/terraform/terraform.tfvars.example').replace(/^\s*#.*$/gm, '');
const declared = findAll(BICEP.get('infra/main.bicep') ?? '', /^param (\w+) /gm);
const variables = findAll(code, /^variable "(\w+)" \{$/gm);

/** The body of the first block that begins with this line. */
function block(first: string): string {
  return code.split(`${first} {\n`)[1]?.split('\n}\n')[0] ?? '';
}

describe('infra/terraform/main.tf', () => {
  it('sets parameters of the template, the required ones among them', () => {
    const set = findAll(block('locals'), /^ {6}(\w+) += /gm);
    expect(set).toEqual(['environmentName', 'location', 'receiveEvents']);
    expect(set.filter((name) => !declared.includes(name))).toEqual([]);
    expect(code).toContain('var.parameters');
  });

  it('names the deployment after installation and region: Azure keeps the name with its region for ever', () => {
    const deployment = block('resource "azurerm_subscription_template_deployment" "installation"');
    expect(deployment).toContain('name = "key-rotation-${var.environment_name}-${var.location}"');
    const given = findAll(deployment, /^ {2}(\w+) += /gm);
    expect(given).toEqual(['location', 'name', 'parameters_content', 'tags', 'template_content']);
  });

  it('uses the variables that it declares, and no other', () => {
    expect(findAll(code, /var\.(\w+)/g)).toEqual(variables);
  });
});

it('the example of values sets variables of main.tf and parameters of the template', () => {
  expect(findAll(example, /^(\w+) += /gm)).toEqual([
    'environment_name',
    'location',
    'parameters',
    'subscription_id',
    'tags',
  ]);
  expect(findAll(example, /^(\w+) += /gm).filter((name) => !variables.includes(name))).toEqual([]);
  const parameters = findAll(/^parameters = \{\n([\s\S]*?)^\}/m.exec(example)?.[1] ?? '', /^ {2}(\w+) += /gm);
  expect(parameters.length).toBeGreaterThan(2);
  expect(parameters.filter((name) => !declared.includes(name))).toEqual([]);
});

const FOLDER = fileURLToPath(new URL('../../infra/terraform', import.meta.url));

function terraform(folder: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('terraform', args, { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

const hasTerraform = spawnSync('terraform', ['version'], { timeout: 60_000 }).status === 0;

describe.skipIf(!hasTerraform)('Terraform', () => {
  it('parses main.tf, and finds its form as it writes it', () => {
    expect(terraform(FOLDER, 'fmt', '-check', '-diff')).toBe('');
  });

  it('makes the parameters of the template from the example of values', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'terraform-'));
    try {
      // Without the provider and its resource.
      const parts = code.split(/^(?=\w)/m).filter((part) => /^(variable|locals)\b/.test(part));
      const expression = /parameters_content = (.+)$/m.exec(code)?.[1] ?? '';
      await writeFile(join(folder, 'main.tf'), `${parts.join('')}output "content" {\n  value = ${expression}\n}\n`);
      await copyFile(join(FOLDER, 'terraform.tfvars.example'), join(folder, 'terraform.tfvars'));
      terraform(folder, 'init');
      terraform(folder, 'apply', '-auto-approve');
      const content = JSON.parse(terraform(folder, 'output', '-raw', 'content')) as Record<string, { value: unknown }>;
      const group = '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/ai';
      expect(content).toEqual({
        accountResourceGroups: { value: group },
        alertEmail: { value: 'operators@contoso.com' },
        environmentName: { value: 'rotation' },
        location: { value: 'westeurope' },
        logRetentionInDays: { value: 180 },
        receiveEvents: { value: false },
        resourceTags: { value: 'cost-center=42,owner=ai-platform' },
        storageRedundancy: { value: 'Standard_ZRS' },
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
