// Runs every block of shell commands of the documents without any program, to find a key in an argument: all users of a
// machine can read arguments in the list of processes. Only bash and its builtins are real. Each program is played: it
// prints a made-up key if the real one would print a key, and its arguments are searched for that key.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesIn, read } from './infra-files.ts';

const KEY = 'made-up-key';
const TIMEOUT_MS = 20_000;

/** bash calls `command_not_found_handle` for every program, because the PATH has none. */
const PLAY = `
KEY_HERE=${KEY}
pass_on() { local line; while IFS= read -r line || [ -n "$line" ]; do echo "$line"; done; }
command_not_found_handle() {
  local word
  for word in "\${@:2}"; do [[ $word != *"$KEY_HERE"* ]] || echo "KEY IN $1" >&9; done
  echo "RAN $*" >&9
  case " $* " in
    *' keys list '* | *' keys regenerate '* | *' get-access-token '* | *' openssl rand '*) echo "$KEY_HERE" ;;
    *' create-for-rbac '*) echo "word $KEY_HERE word" ;;
    *' secret show '*' --query value '*) echo "$KEY_HERE" ;;
    ' sed '* | ' tr '* | ' cut '* | ' grep '* | ' tee '* | ' cat ') pass_on ;;
    *) echo word ;;
  esac
}
for block; do
  ( trap '{ export -p; declare -f; } >"$STATE"' EXIT
    set -a -- "$block"
    [ ! -f "$STATE" ] || . "$STATE"
    eval "$1" <<<"$KEY_HERE" ) >/dev/null
done`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'documented-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const blocksOf = (page: string): readonly string[] =>
  [...page.matchAll(/^( *)```(?:sh|bash)\n([\s\S]*?)^\1```$/gm)].map(([, , body = '']) => body);

/** With a word for each word in angle brackets, and without conditions that end a block. */
const filledIn = (block: string): string =>
  block.replaceAll(/<([\w-]+)[^<>\n()]*>/g, '$1').replaceAll(/(\$\{\w+):\?[^}]*\}/g, '$1}');

/** Runs the blocks one after the other, as a person does in one shell. */
function run(blocks: readonly string[]): { readonly withKey: readonly string[]; readonly ran: readonly string[] } {
  const home = mkdtempSync(join(folder, 'page-'));
  const env = { PATH: '/nowhere', HOME: home, STATE: join(home, 'state') };
  const { output, stderr, signal } = spawnSync('/bin/bash', ['-c', PLAY, 'bash', ...blocks.map(filledIn)], {
    env,
    cwd: home,
    timeout: TIMEOUT_MS,
    stdio: ['ignore', 'pipe', 'pipe', 'ignore', 'ignore', 'ignore', 'ignore', 'ignore', 'ignore', 'pipe'],
  });
  expect(signal, 'a block that never ends').toBeNull();
  expect(String(stderr)).not.toContain('syntax error');
  const lines = String(output[9]).split('\n');
  const after = (word: string): readonly string[] =>
    lines.filter((line) => line.startsWith(word)).map((line) => line.slice(word.length));
  return { withKey: after('KEY IN '), ran: after('RAN ') };
}

describe('a key in an argument of a documented command', () => {
  it.each([
    [
      'of the command that prints it',
      ['az keyvault secret set --value "$(az cognitiveservices account keys list -n <account>)"'],
      'az',
    ],
    [
      'of a later block',
      ['KEY=$(az functionapp keys list -n <app>)', 'curl -H "x-functions-key: $KEY" https://app'],
      'curl',
    ],
    ['within a function', ['send() { curl -H "$1"; }', 'send "Bearer $(az account get-access-token)"'], 'curl'],
    ['that a person types', ['read -rs LEAKED', 'curl -d "$LEAKED"'], 'curl'],
    ['that is made on the spot', ['for n in 1; do az x --value "$(openssl rand -hex 32)"; done'], 'az'],
  ])('is found: %s', (_, blocks, program) => {
    expect(run(blocks).withKey).toEqual([program]);
  });

  it.each([
    ['through a pipe', ['openssl rand -hex 32 | tr -d "\\n" | az keyvault secret set --file /dev/stdin']],
    [
      'through a builtin',
      ['KEY=$(az functionapp keys list -n <app>)', 'curl -H @<(echo "x-functions-key: $KEY") https://app'],
    ],
    ['as a fingerprint', ['read -rs LEAKED; ID=$(printf %s "$LEAKED" | sha256sum); curl -d "$ID"']],
  ])('is none where the key goes %s', (_, blocks) => {
    expect(run(blocks).withKey).toEqual([]);
  });
});

const pages = [
  'README.md',
  'SECURITY.md',
  'CONTRIBUTING.md',
  ...['docs', 'examples', 'packages', 'local'].flatMap((place) => filesIn(place, '.md')),
];
const withCommands = pages.filter((page) => blocksOf(read(page)).length > 0);

it.each(withCommands)('%s puts no key into an argument', (page) => {
  const { withKey, ran } = run(blocksOf(read(page)));
  expect(withKey).toEqual([]);
  expect(ran).not.toEqual([]);
});
