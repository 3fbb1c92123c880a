import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createSecretFiles } from '../../src/config/secrets/secret-files.js';
import { reveal } from '../../src/platform/secret.js';
import { followSecrets, type SecretUse } from '../../src/service/follow-secrets.js';

describe('a mounted secret that changes while the service runs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mounted-'));
  after(() => rmSync(folder, { recursive: true }));

  /** Mounts a secret as Kubernetes does: the file is a link through a link that is replaced. */
  function mount(first: string) {
    const volume = mkdtempSync(join(folder, 'volume-'));
    let version = 0;
    const set = (content: string) => {
      version += 1;
      const data = join(volume, `..version-${version}`);
      mkdirSync(data);
      writeFileSync(join(data, 'token'), content);
      symlinkSync(data, join(volume, '..data_tmp'));
      renameSync(join(volume, '..data_tmp'), join(volume, '..data'));
    };
    set(first);
    symlinkSync(join('..data', 'token'), join(volume, 'token'));
    return { path: join(volume, 'token'), set };
  }

  /** Follows Slack's bot token, and says what it is and what the log says. */
  function follow(path: string, use: SecretUse | undefined) {
    const secrets = createSecretFiles({ SLACK_BOT_TOKEN_FILE: path });
    const lines: string[] = [];
    const note = (line: string) => void lines.push(line);
    const end = followSecrets({
      files: secrets.files,
      uses: use ? { SLACK_BOT_TOKEN: use } : {},
      log: { info: note, warn: note } as never,
      everyMs: 10,
      againAfterMs: 200,
    });
    return { end, lines, current: () => reveal(secrets.secret('SLACK_BOT_TOKEN', 'unused')) };
  }

  const until = async (isSo: () => boolean, what: string) => {
    for (const deadline = Date.now() + 5_000; !isSo(); await delay(5)) assert.ok(Date.now() < deadline, what);
  };

  it('is used from then on, and the log says so without its value', async () => {
    const { path, set } = mount('xoxb-1');
    const taken: string[] = [];
    const { end, lines, current } = follow(path, { take: (value) => taken.push(value) });
    assert.equal(current(), 'xoxb-1');
    set('xoxb-2\n');
    await until(() => current() === 'xoxb-2', 'the new token');
    await end();
    assert.deepEqual(taken, ['xoxb-2']);
    assert.deepEqual(lines, ['SLACK_BOT_TOKEN was read anew from its file']);
  });

  it('stays as it was when the other side refuses the new value, and is tried again later', async () => {
    const { path, set } = mount('xoxb-1');
    let isAway = true;
    const { end, lines, current } = follow(path, {
      check: async () => {
        if (isAway) throw new Error('Slack refuses this token');
      },
    });
    set('xoxb-2');
    await until(() => lines.length === 1, 'the warning');
    await delay(100);
    assert.equal(current(), 'xoxb-1');
    isAway = false;
    await until(() => current() === 'xoxb-2', 'the new token, in the end');
    await end();
    assert.match(lines[0] ?? '', /^SLACK_BOT_TOKEN stays as it was, .*: Slack refuses this token$/);
    assert.equal(lines.length, 2);
  });

  it('stays as it was while the file is empty or away', async () => {
    const { path, set } = mount('xoxb-1');
    const { end, lines, current } = follow(path, {});
    set('');
    await until(() => lines.length === 1, 'the warning');
    assert.match(lines[0] ?? '', /is empty/);
    rmSync(path);
    await until(() => lines.length === 2, 'another warning');
    assert.equal(current(), 'xoxb-1');
    await end();
  });

  it('asks for a restart where no client can take a new value', async () => {
    const { path, set } = mount('xoxb-1');
    const { end, lines, current } = follow(path, undefined);
    set('xoxb-2');
    await until(() => lines.length === 1, 'the warning');
    await end();
    assert.equal(current(), 'xoxb-1');
    assert.match(lines[0] ?? '', /read at the start only, so restart the service/);
  });

  it('holds up a stop for a second at most while a new value is checked, and is not used after it', async () => {
    const { path, set } = mount('xoxb-1');
    let pass = () => {};
    let isChecking = false;
    const check = () => {
      isChecking = true;
      return new Promise<void>((resolve) => {
        pass = resolve;
      });
    };
    const { end, current } = follow(path, { check });
    set('xoxb-2');
    await until(() => isChecking, 'the check');
    const stopped = await Promise.race([end().then(() => true), delay(3_000, false)]);
    assert.equal(stopped, true);
    pass();
    await delay(50);
    assert.equal(current(), 'xoxb-1');
  });
});
