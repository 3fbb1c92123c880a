import { setTimeout as delay } from 'node:timers/promises';
import type { WebClient } from '@slack/web-api';
import type { PostOnce } from '../../../activities/ports.js';
import { RemoteError } from '../../../platform/errors.js';
import type { Attachment } from '../../messages/kit/payload.js';
import { code } from '../../messages/kit/text.js';
import { lookUp, type Place } from '../post-once.js';
import { sendBytes } from './send-bytes.js';

/**
 * Longest wait for a file to show in its thread, in milliseconds. Slack answers before it shares a file: it checks the file first. Some files
 * never show. Source: bolt-js#2115, node-slack-sdk#2260, centaur#311.
 */
const SHOWN_WITHIN_MS = 20_000;
/** Pauses between two looks, in milliseconds; a pause doubles each time. */
const LOOK_AGAIN_MS = { first: 250, most: 2_000 };
/** Slack's clock and ours may differ by this much, in milliseconds. */
const CLOCK_SKEW_MS = 60_000;
/** Limit for the uploads that are remembered. */
const MAX_REMEMBERED = 1_000;

type Look = () => Promise<boolean>;

/** Uploads files into threads. Nothing may refer to a file before it shows there. */
export class Uploads {
  /** Results of uploads that were tried here, by the key of their post. A retry by another process has to wait for a file that may yet show. */
  #tried = new Map<string, 'not sent' | 'not shown'>();

  constructor(
    readonly client: WebClient,
    readonly withinMs = SHOWN_WITHIN_MS,
  ) {}

  /**
   * Uploads a text as a file, unless an earlier attempt did, and waits until the file shows. An upload takes no metadata, so the file is found by
   * its name, which is unique in the thread.
   *
   * @returns False where no file shows: Slack takes none here (no scope, files are switched off), or not in time.
   */
  async share(file: Place & Attachment, { key, lookSince, signal }: PostOnce): Promise<boolean> {
    const isThere = () => this.#isInThread(file, lookSince);
    const tried = this.#tried.get(key);
    if (lookSince !== undefined && (await isThere())) return true;
    if (tried === 'not shown') return false;
    if (lookSince !== undefined && tried === undefined && (await this.#waitUntil(isThere, signal)))
      return true;
    this.#remember(key, 'not sent');
    const sharedBy = Date.now() - CLOCK_SKEW_MS;
    const id = await this.#upload(file);
    if (id === undefined) return false;
    this.#remember(key, 'not shown');
    const isShared = () => this.#isShared(id, file, lookSince ?? sharedBy);
    if (!(await this.#waitUntil(isShared, signal))) return false;
    this.#tried.delete(key);
    return true;
  }

  /** Returns the id of a file that Slack will show, or may show although the answer was lost. Undefined when Slack takes no file. */
  async #upload({ channel, thread, name, text }: Place & Attachment): Promise<string | undefined> {
    const bytes = Buffer.from(text, 'utf8');
    let id: string | undefined;
    try {
      const upload = await this.client.files.getUploadURLExternal({ filename: name, length: bytes.length });
      if (!upload.upload_url || !upload.file_id) return undefined;
      await sendBytes(upload.upload_url, bytes);
      id = upload.file_id;
      await this.client.files.completeUploadExternal({
        files: [{ id, title: name }],
        initial_comment: `Full text: ${code(name)}`,
        ...(thread ? { channel_id: channel, thread_ts: thread } : { channel_id: channel }),
      });
      return id;
    } catch (error) {
      if (!(error instanceof RemoteError) || error.operatorCanFix) throw error;
      if (!error.retryable) return undefined;
      if (id === undefined || error.code === 'ratelimited') throw error;
      return id;
    }
  }

  /** Asks about the file itself, or looks in the thread where the app may not. */
  async #isShared(id: string, file: Place & Attachment, since: number): Promise<boolean> {
    try {
      const { shares } = (await this.client.files.info({ file: id, limit: 1 })).file ?? {};
      return Object.keys({ ...shares?.public, ...shares?.private }).includes(file.channel);
    } catch (error) {
      if (error instanceof RemoteError && error.retryable) throw error;
      return await this.#isInThread(file, since);
    }
  }

  async #isInThread({ channel, thread, name }: Place & Attachment, since?: number): Promise<boolean> {
    const place = { channel, ...(thread && { thread }), since };
    const { found } = await lookUp(this.client, place, ({ text = '', files = [] }) => {
      return text.includes(name) || files.some((file) => file.name === name || file.title === name);
    });
    return found !== undefined;
  }

  /** Looks again and again, past failures that may heal. False when the time is up. @throws AbortError */
  async #waitUntil(look: Look, signal?: AbortSignal): Promise<boolean> {
    const deadline = Date.now() + this.withinMs;
    for (let waitMs = LOOK_AGAIN_MS.first; ; waitMs = Math.min(waitMs * 2, LOOK_AGAIN_MS.most)) {
      let pauseMs = waitMs;
      try {
        if (await look()) return true;
      } catch (error) {
        if (!(error instanceof RemoteError && error.retryable)) throw error;
        pauseMs = Math.max(waitMs, error.retryAfterMs ?? 0);
      }
      if (Date.now() + pauseMs > deadline) return false;
      await delay(pauseMs, undefined, { ...(signal && { signal }) });
    }
  }

  #remember(key: string, result: 'not sent' | 'not shown'): void {
    this.#tried.set(key, result);
    for (const oldest of [...this.#tried.keys()].slice(0, -MAX_REMEMBERED)) this.#tried.delete(oldest);
  }
}
