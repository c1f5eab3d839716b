// `node scripts/release-version.mjs TAG`: refuses a tag that is not the version of the service, and a version that the
// change log does not have. Nothing is released by mistake. It must not change anything.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What is wrong with releasing this tree as `tag`; undefined if nothing is. */
export function objectionTo(tag, { version, changeLog }) {
  if (tag !== `v${version}`) return `The tag is ${tag}, and package.json has the version ${version}.`;
  const heading = `## [${version}] - `;
  return changeLog.includes(`\n${heading}`) ? undefined : `CHANGELOG.md has no heading "${heading}<date>".`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const changeLog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
  const objection = objectionTo(process.argv[2] ?? '', { version, changeLog });
  if (objection !== undefined) {
    process.stderr.write(`${objection}\n`);
    process.exit(1);
  }
}
