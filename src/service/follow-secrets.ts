import { setTimeout as delay } from 'node:timers/promises';
import type { SecretFile, SecretName } from '../config/secrets/secret-files.js';
import { reasonOf } from '../platform/errors.js';
import type { Logger } from '../platform/log.js';
import { withTimeout } from '../platform/with-timeout.js';

/** Interval of the looks at the files, in milliseconds. A mounted secret changes by a link that is replaced, which no watcher tells of reliably. */
const LOOK_EVERY_MS = 5_000;

/** Pause before a value that was refused is tried again, in milliseconds: the other side may have been away. */
const AGAIN_AFTER_MS = 60_000;

/** Longest wait of a stop for the check in work, in milliseconds. The next process reads the files anew. */
const END_WITHIN_MS = 1_000;

/** Acts on a new value of a secret. Parts that ask for its current value need no `take`. */
export interface SecretUse {
  /** @throws when the value must not be used. */
  check?(value: string): Promise<unknown>;
  take?(value: string): unknown;
}

export interface FollowedSecrets {
  files: SecretFile[];
  /** Uses by name. A secret without one needs a restart, which is said once. */
  uses: Partial<Record<SecretName, SecretUse>>;
  log: Pick<Logger, 'info' | 'warn'>;
  /** @default 5 s */
  everyMs?: number;
  /** @default one minute */
  againAfterMs?: number;
}

/** Follows the files of secrets. A value that is malformed or refused is not taken: the service goes on with the one before. Returns what ends it. */
export function followSecrets({
  files,
  uses,
  log,
  everyMs = LOOK_EVERY_MS,
  againAfterMs = AGAIN_AFTER_MS,
}: FollowedSecrets): () => Promise<void> {
  const ending = new AbortController();
  const refused = new Map<SecretFile, { value: string | undefined; why: string; at: number }>();

  const look = async (file: SecretFile) => {
    const last = refused.get(file);
    let value: string | undefined;
    try {
      value = file.read();
      if (value === file.current) return void refused.delete(file);
      if (value === last?.value && Date.now() - last.at < againAfterMs) return;
      const use = uses[file.name];
      if (!use) throw new Error('this one is read at the start only, so restart the service');
      await use.check?.(value);
      if (ending.signal.aborted) return;
      await use.take?.(value);
      file.current = value;
      refused.delete(file);
      log.info(`${file.name} was read anew from its file`);
    } catch (error) {
      const why = reasonOf(error);
      refused.set(file, { value, why, at: Date.now() });
      if (why !== last?.why) log.warn(`${file.name} stays as it was, although its file has changed: ${why}`);
    }
  };
  const follow = async () => {
    const { signal } = ending;
    while (!signal.aborted) {
      for (const file of files) if (!signal.aborted) await look(file);
      await delay(everyMs, undefined, { signal, ref: false }).catch(() => 'ended');
    }
  };
  const following = files.length > 0 ? follow() : Promise.resolve();
  return async () => {
    ending.abort();
    await withTimeout(
      END_WITHIN_MS,
      () => following,
      () => undefined,
    );
  };
}
