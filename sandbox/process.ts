import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** Whether a process with this id runs a command that matches: after a crash its id may be somebody else's. */
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
