// Temporary folders that do not outlive their process: each is removed at the latest when the process exits. Only a
// process that is killed leaves its folders behind.
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const open = new Set();

function removeAll() {
  for (const folder of open) rmSync(folder, { recursive: true, force: true });
}

/** Makes an empty folder whose name begins with `name`. */
export async function openTemporaryFolder(name) {
  if (open.size === 0) process.on('exit', removeAll);
  const path = await mkdtemp(join(tmpdir(), `${name}-`));
  open.add(path);
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true });
      open.delete(path);
      if (open.size === 0) process.removeListener('exit', removeAll);
    },
  };
}
