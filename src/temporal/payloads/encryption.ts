import { createHash } from 'node:crypto';
import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import proto from '@temporalio/proto';
import { CountersignError } from '../../platform/errors.js';
import { type SealingKey, seal, sealEqually, unseal } from '../../platform/sealing.js';
import { scheduleIdIn } from '../../run/summary.js';
import { contentOf, framesIn, joinFrames } from './frames.js';
import { LARGE_BYTES, split } from './split.js';

/** Names from Temporal's samples, so that a codec server based on them can read the payloads. */
const ENCODING = 'binary/encrypted';
/** A large payload, whose parts are sealed one by one: a part that an older payload has, too, is stored once. */
export const IN_PARTS = 'binary/encrypted-parts';
const KEY_ID = 'encryption-key-id';
/** Inside the ciphertext: the workflow or activity that the payload belongs to. */
const OWNER = 'countersign-owner';

export type PayloadKey = SealingKey;

/**
 * Encrypts payloads with AES-256-GCM, so that Temporal's server and UI can't read them. The first key encrypts; the others still decrypt
 * older payloads. A payload is bound to its workflow or activity: elsewhere it is refused, so nobody can copy it there.
 *
 * @param takesPlain If true, unencrypted payloads are accepted. A worker that refuses them ignores signals sent without a key.
 */
export function payloadEncryption(
  [current, ...older]: [PayloadKey, ...PayloadKey[]],
  takesPlain: boolean,
): PayloadCodec {
  const keys = new Map([current, ...older].map(({ id, key }) => [id, key]));
  const decode = (payload: Payload, context?: SerializationContext): Payload => {
    if (isEncrypted(payload)) return unbind(decrypt(payload, keys), context);
    if (takesPlain) return payload;
    throw new CountersignError(
      'PayloadPlain',
      'A payload was refused because it is not encrypted. If its run began before PAYLOAD_KEYS was set, add ",plain" to PAYLOAD_KEYS until that run is over.',
    );
  };
  return {
    encode: async (payloads, context) => payloads.map((payload) => encrypt(bind(payload, context), current)),
    decode: async (payloads, context) => payloads.map((payload) => decode(payload, context)),
  };
}

/** Names the owner of a payload. Without a context, the payload is in a schedule's memo. */
function ownerOf(context: SerializationContext | undefined, workflowId = context?.workflowId): string {
  if (!context) return "a schedule's memo";
  const activity = context.type === 'activity' ? [context.activityId] : [];
  return JSON.stringify([context.namespace, workflowId, ...activity]);
}

function bind({ metadata, ...payload }: Payload, context?: SerializationContext): Payload {
  return { ...payload, metadata: { ...metadata, [OWNER]: Buffer.from(ownerOf(context)) } };
}

/** Takes the owner off a payload. @throws CountersignError when it belongs to another one. */
function unbind({ metadata = {}, ...payload }: Payload, context?: SerializationContext): Payload {
  const { [OWNER]: bytes = new Uint8Array(), ...rest } = metadata ?? {};
  const owner = Buffer.from(bytes).toString();
  // A schedule's runs begin with the input and the memo that were encrypted for the schedule.
  const schedule = context?.type === 'workflow' ? scheduleIdIn(context.workflowId) : undefined;
  if (owner === ownerOf(context) || (schedule !== undefined && owner === ownerOf(context, schedule))) {
    return { ...payload, metadata: rest };
  }
  throw new CountersignError(
    'PayloadOfAnother',
    `A payload was refused because it was encrypted for another workflow or activity than ${ownerOf(context)}. Somebody may have copied it there. Look at the history for who did.`,
  );
}

const { Payload: PayloadProto } = proto.temporal.api.common.v1;

function encrypt(payload: Payload, { id, key }: PayloadKey): Payload {
  const isLarge = (payload.data?.length ?? 0) >= LARGE_BYTES;
  const data = isLarge ? sealInParts(payload, key) : seal(key, PayloadProto.encode(payload).finish());
  const encoding = Buffer.from(isLarge ? IN_PARTS : ENCODING);
  return { metadata: { encoding, [KEY_ID]: Buffer.from(id) }, data };
}

/** Seals the metadata with a digest of the sealed parts, and then each part of the data. */
function sealInParts({ metadata, data }: Payload, key: Buffer): Uint8Array {
  const body = joinFrames(split(data ?? new Uint8Array()).map((part) => sealEqually(key, part)));
  const head = PayloadProto.encode({ metadata: metadata ?? {}, data: sha256(body) }).finish();
  return Buffer.concat([joinFrames([seal(key, head)]), body]);
}

function unsealInParts(sealed: Uint8Array, key: Buffer): Payload {
  const [first = Buffer.alloc(0), ...frames] = framesIn(sealed);
  const head = PayloadProto.decode(unseal(key, contentOf(first))) as Payload;
  if (!sha256(Buffer.concat(frames)).equals(Buffer.from(head.data ?? [])))
    throw new Error('the parts are those of another payload');
  return { ...head, data: Buffer.concat(frames.map((frame) => unseal(key, contentOf(frame)))) };
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** Decrypts a payload. @throws CountersignError when the key is missing, or the payload was changed. */
function decrypt({ metadata, data }: Payload, keys: ReadonlyMap<string, Buffer>): Payload {
  const id = Buffer.from(metadata?.[KEY_ID] ?? []).toString();
  const key = keys.get(id);
  if (!key) {
    const message = `A payload was encrypted with the key "${id}", which PAYLOAD_KEYS lacks. Add the key again, after the current one.`;
    throw new CountersignError('PayloadKeyMissing', message);
  }
  try {
    const sealed = data ?? new Uint8Array();
    if (Buffer.from(metadata?.encoding ?? []).toString() === IN_PARTS) return unsealInParts(sealed, key);
    return PayloadProto.decode(unseal(key, sealed)) as Payload;
  } catch (cause) {
    const message = `A payload can't be decrypted with the key "${id}": the payload or the key has changed.`;
    throw new CountersignError('PayloadChanged', message, { cause });
  }
}

export function isEncrypted(payload: Payload): boolean {
  return [ENCODING, IN_PARTS].includes(encodingOf(payload));
}

export function encodingOf({ metadata }: Payload): string {
  return Buffer.from(metadata?.encoding ?? []).toString();
}
