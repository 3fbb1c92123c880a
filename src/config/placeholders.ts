import { homedir } from 'node:os';
import { basename, sep } from 'node:path';
import { secretIn } from './secrets/secret-files.js';

/** `${NAME}`, `${NAME:-default}`, and VS Code's `${env:NAME}`, which Cursor has, too. */
const VARIABLE = /\$\{(?:env:)?([A-Za-z_]\w*)(?::-([^}]*))?\}/g;
/** Other placeholders of VS Code, such as `${input:key}`. They are refused, because a server would receive them verbatim. */
const FOREIGN = /\$\{(?!env:)\w+:(?!-)[^}]*\}/;

/** Variables of VS Code. The folder in which the service was started stands for the workspace. */
const PREDEFINED = new Map<string, () => string>([
  ['workspaceFolder', () => process.cwd()],
  ['workspaceFolderBasename', () => basename(process.cwd())],
  ['cwd', () => process.cwd()],
  ['userHome', homedir],
  ['pathSeparator', () => sep],
]);

export interface Placeholders {
  env: NodeJS.ProcessEnv;
  /** Called with the value of each variable. */
  used(value: string): void;
  /** Called with a variable that is neither set nor has a default. */
  missing(name: string): void;
  /** Called with a placeholder that nobody here can fill. */
  foreign(placeholder: string): void;
}

/** Fills the placeholders in a text. An empty variable counts as unset; one with `_FILE` behind its name may say where the value is. */
export function fillPlaceholders(text: string, { env, used, missing, foreign }: Placeholders): string {
  const unknown = FOREIGN.exec(text)?.[0];
  if (unknown !== undefined) foreign(unknown);
  return text.replaceAll(/\$\{\/\}/g, sep).replaceAll(VARIABLE, (_, name: string, otherwise?: string) => {
    const set = secretIn(env, name);
    const found = set || otherwise || PREDEFINED.get(name)?.();
    if (set) used(set);
    if (found === undefined && otherwise === undefined) missing(name);
    return found ?? '';
  });
}
