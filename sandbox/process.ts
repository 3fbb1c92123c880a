import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** True if the process with this id runs a matching command. After a crash another process may have the id. */
export function isRunning(pid: number, command: RegExp): boolean {
  try {
    return command.test(commandOf(pid));
  } catch {
    return false;
  }
}

function commandOf(pid: number): string {
  if (existsSync('/proc/self/cmdline'))
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' });
}
