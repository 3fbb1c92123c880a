import { ConfigError } from '../../platform/errors.js';
import { readText } from '../../platform/read-text.js';
import type { Secret } from '../../platform/secret.js';

/** Variables whose value a file may hold: the one that `<name>_FILE` names. */
const NAMES = [
  'SLACK_BOT_TOKEN',
  'SLACK_APP_TOKEN',
  'SLACK_SIGNING_SECRET',
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'AWS_BEARER_TOKEN_BEDROCK',
  'TEMPORAL_API_KEY',
  'DATABASE_URL',
  'PAYLOAD_KEYS',
] as const;

export type SecretName = (typeof NAMES)[number];

/** A secret that came from a file, with the value that the service uses. */
export interface SecretFile {
  name: SecretName;
  /** Reads the file. @throws ConfigError that names the variable, and quotes neither the value nor the path: a secret may stand there. */
  read(): string;
  current: string;
}

export type SecretFiles = ReturnType<typeof createSecretFiles>;

/** Notes which secrets come from files. A file that can't be read is left to whoever reads its variable. */
export function createSecretFiles(env: NodeJS.ProcessEnv) {
  const files = NAMES.flatMap((name): SecretFile[] => {
    const path = env[`${name}_FILE`]?.trim();
    if (!path) return [];
    const read = () => readSecretFile(name, path);
    try {
      return [{ name, read, current: read() }];
    } catch {
      return [];
    }
  });
  return {
    files,
    /** Returns the value of a variable or, where it comes from a file, a function that returns its current one. */
    secret(name: SecretName, value: string): Secret {
      const file = files.find((one) => one.name === name);
      return file ? () => file.current : value;
    },
  };
}

/** Value of a variable, or content of the file that `<name>_FILE` names. @throws ConfigError when both say something, or the file says nothing. */
export function secretIn(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const path = env[`${name}_FILE`]?.trim();
  if (!path) return env[name];
  const content = readSecretFile(name, path);
  const value = env[name]?.trim();
  if (!value || value === content) return content;
  throw new ConfigError(
    name,
    `${name} and ${name}_FILE are both set, and say different things. Unset one of them.`,
  );
}

/** True for a variable whose value a file may hold. */
export function isSecret(name: string): boolean {
  return (NAMES as readonly string[]).includes(name);
}

function readSecretFile(name: string, path: string): string {
  const wrong = (what: string, cause?: unknown) =>
    new ConfigError(
      `${name}_FILE`,
      `${name}_FILE: the file that it names ${what}. Mount the secret there, or correct the path.`,
      { cause },
    );
  let content: string;
  try {
    content = readText(path).trim();
  } catch (error) {
    throw wrong(`can't be read (${(error as NodeJS.ErrnoException).code ?? 'no text'})`, error);
  }
  if (content === '') throw wrong('is empty');
  return content;
}
