import { execFileSync } from 'node:child_process';

/** Whether a process with this id runs a command that matches: after a crash its id may be somebody else's. */
export function isRunning(pid: number, command: RegExp): boolean {
  try {
    return command.test(execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }));
  } catch {
    return false;
  }
}
