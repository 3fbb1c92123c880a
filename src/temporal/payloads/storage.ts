import { createHash } from 'node:crypto';
import {
  type DataConverter,
  ExternalStorage,
  type Payload,
  type PayloadCodec,
  type SerializationContext,
  StorageDriverClaim,
} from '@temporalio/common';
import { CountersignError } from '../../platform/errors.js';
import { encodingOf, type PayloadKey, payloadEncryption } from './encryption.js';

/** Stores payloads that are too large for Temporal. All processes of the service must share one store. */
export interface PayloadStore {
  keepPayload(id: string, payload: { metadata: string; data: Uint8Array }): Promise<void>;
  readPayload(id: string): Promise<{ metadata: string; data: Uint8Array } | undefined>;
}

/** Payloads above this size are stored outside Temporal, in bytes. Temporal refuses payloads over 2 MB, and workflow tasks over 4 MB. */
const THRESHOLD_BYTES = 256 * 1024;

/** Options for payloads to and from Temporal. */
export interface PayloadHandling {
  store?: PayloadStore;
  /** The first key encrypts. Without keys, payloads are not encrypted. */
  keys?: PayloadKey[];
  /** With keys: unencrypted payloads are accepted. @default true */
  takesPlain?: boolean;
}

/**
 * Creates the data converter for reading what others may have written, too: memos in Temporal's lists. A payload that can't be read becomes
 * `null`, because one such memo would end the SDK's whole list.
 */
export function lenientConverter(handling: PayloadHandling): DataConverter {
  const { payloadCodecs = [], ...rest } = dataConverter({ ...handling, takesPlain: true });
  const [encryption] = payloadCodecs;
  const decode = async (payload: Payload, context?: SerializationContext): Promise<Payload> => {
    const [readable] = encryption ? await encryption.decode([payload], context).catch(() => []) : [payload];
    return readable && READABLE.test(encodingOf(readable)) ? readable : NOTHING;
  };
  const codec: PayloadCodec = {
    encode: async (payloads, context) => (encryption ? encryption.encode(payloads, context) : payloads),
    decode: (payloads, context) => Promise.all(payloads.map((payload) => decode(payload, context))),
  };
  return { ...rest, payloadCodecs: [codec] };
}

/** Encodings that the SDK's own payload converter reads. */
const READABLE = /^(json\/|binary\/(null|plain)$)/;
const NOTHING: Payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('null') };

/** Creates Temporal's data converter: payloads are encrypted if there are keys, and large ones go to the store. */
export function dataConverter(handling: PayloadHandling): DataConverter {
  const { store, keys: [current, ...older] = [], takesPlain = true } = handling;
  return {
    ...(current && { payloadCodecs: [payloadEncryption([current, ...older], takesPlain)] }),
    ...(store && { externalStorage: storageIn(store) }),
  };
}

/** Stores large payloads under the SHA-256 of their content. */
function storageIn(store: PayloadStore): ExternalStorage {
  const driver = {
    name: 'countersign-ledger',
    type: 'countersign.ledger',
    store: (_context: object, payloads: Payload[]) =>
      Promise.all(payloads.map((payload) => keep(store, payload))),
    retrieve: (_context: object, claims: StorageDriverClaim[]) =>
      Promise.all(claims.map(({ claimData }) => retrieve(store, claimData.id ?? ''))),
  };
  return new ExternalStorage({ drivers: [driver], payloadSizeThreshold: THRESHOLD_BYTES });
}

async function keep(store: PayloadStore, { metadata, data }: Payload): Promise<StorageDriverClaim> {
  const entries = Object.entries(metadata ?? {}).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const encoded = entries.map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  const kept = { metadata: JSON.stringify(Object.fromEntries(encoded)), data: data ?? new Uint8Array() };
  const id = digest(kept);
  await store.keepPayload(id, kept);
  return new StorageDriverClaim({ id });
}

async function retrieve(store: PayloadStore, id: string): Promise<Payload> {
  const kept = await store.readPayload(id);
  if (!kept) {
    const message = `A large payload (${id}) is not in this ledger. Give every process of the service the same DATABASE_URL.`;
    throw new CountersignError('PayloadMissing', message);
  }
  if (digest(kept) !== id) {
    const message = `A large payload (${id}) was changed in the ledger's database.`;
    throw new CountersignError('PayloadChanged', message);
  }
  const encoded = JSON.parse(kept.metadata) as Record<string, string>;
  const metadata = Object.entries(encoded).map(([key, value]) => [key, Buffer.from(value, 'base64')]);
  return { metadata: Object.fromEntries(metadata), data: kept.data };
}

function digest({ metadata, data }: { metadata: string; data: Uint8Array }): string {
  return createHash('sha256').update(metadata).update('\0').update(data).digest('hex');
}
