// Loaded into a child process before its program: ends it when its parent is gone, however the parent ended, and removes
// the folder that the parent can then not remove any more.
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';

process.on('disconnect', () => {
  const folder = process.env['REMOVE_WITH_PARENT'];
  if (folder !== undefined) {
    // Not from within it: some systems refuse that.
    process.chdir(tmpdir());
    rmSync(folder, { recursive: true, force: true });
  }
  process.exit(0);
});
