import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** File in the build with the digest of the package-lock.json that it was made with. npm touches the lock itself at each install. */
const STAMP = 'dist/lock.sha256';

const digestOf = (root: string) =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');

/** Marks the build as made with the packages of now. */
export function stampLock(root: string): void {
  writeFileSync(join(root, STAMP), digestOf(root));
}

/** True if the build was made with the packages of now. */
export function isLockStamped(root: string): boolean {
  const stamp = join(root, STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === digestOf(root);
}
