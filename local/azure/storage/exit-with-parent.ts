// Loaded into a child process before its program. It ends the child when the parent is gone for any reason, and removes
// the folder that the parent can no longer remove.
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';

process.on('disconnect', () => {
  const folder = process.env['REMOVE_WITH_PARENT'];
  if (folder !== undefined) {
    // Leave the folder first: some systems refuse to remove the working directory.
    process.chdir(tmpdir());
    rmSync(folder, { recursive: true, force: true });
  }
  process.exit(0);
});
