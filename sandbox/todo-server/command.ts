import { fileURLToPath } from 'node:url';

/** Entry of the to-do list's server in `.mcp.json`. `delayMs`: duration of each change, in milliseconds. */
export function todoServer(
  stateFile: string,
  { delayMs = 0 }: { delayMs?: number } = {},
): { command: string; args: string[]; env: Record<string, string> } {
  const isSource = import.meta.url.endsWith('.ts');
  const entry = fileURLToPath(new URL(`./index.${isSource ? 'ts' : 'js'}`, import.meta.url));
  const loader = isSource ? ['--import', import.meta.resolve('tsx')] : [];
  return {
    command: process.execPath,
    args: [...loader, entry, stateFile],
    env: delayMs > 0 ? { TODO_DELAY_MS: String(delayMs) } : {},
  };
}
