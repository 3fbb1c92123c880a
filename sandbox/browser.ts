import { spawn } from 'node:child_process';

/** Opens an address in the desktop's browser. Does nothing without a desktop, or without a person at the terminal. */
export function openInBrowser(url: string): void {
  const [command, ...args] = opener();
  if (!command || !process.stdout.isTTY || process.env.CI) return;
  const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', () => 'the address is printed all the same');
  child.unref();
}

function opener(): string[] {
  if (process.platform === 'darwin') return ['open'];
  if (process.platform === 'win32') return ['cmd', '/c', 'start', ''];
  return process.env.DISPLAY || process.env.WAYLAND_DISPLAY ? ['xdg-open'] : [];
}
