import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

async function run(example: string, input = ''): Promise<{ code: number | null; output: string }> {
  const script = fileURLToPath(new URL(`../../examples/${example}/main.ts`, import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

it('rest-test: the old key fails after regeneration, the new one succeeds', async () => {
  const { code, output } = await run('rest-test');
  expect(output).toMatch(
    /^key2 \(\w{16}\): 200\nold key2 after regenerateKey \(\w{16}\): 401\nnew key2 \(\w{16}\): 200\nas expected\n$/,
  );
  expect(code).toBe(0);
});

it('keyvault-client: detects the language of what is typed until quit', async () => {
  const { code, output } = await run('keyvault-client', 'Hallo Welt\nBonjour tout le monde\nquit\nnot read\n');
  expect(output).toBe('text> German\ntext> French\ntext> ');
  expect(code).toBe(0);
});

it('consumer-function-app: goes on through a rotation', async () => {
  const { code, output } = await run('consumer-function-app');
  expect(output).toBe(
    'with key1: 200 French\nright after key2 was published: 200 French\nafter key1 was regenerated: 200 French\n',
  );
  expect(code).toBe(0);
});
