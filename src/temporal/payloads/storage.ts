import { createHash } from 'node:crypto';
import {
  type DataConverter,
  ExternalStorage,
  type Payload,
  type PayloadCodec,
  type SerializationContext,
  StorageDriverClaim,
  type StorageDriverStoreContext,
} from '@temporalio/common';
import { CountersignError } from '../../platform/errors.js';
import { shortIdIn } from '../../run/summary.js';
import { encodingOf, IN_PARTS, type PayloadKey, payloadEncryption } from './encryption.js';
import { framesIn } from './frames.js';
import { LARGE_BYTES, split } from './split.js';

/** Stores payloads that are too large for Temporal. All processes of the service must share one store. */
export interface PayloadStore {
  /** `run`: short id of the run, or the id of a schedule; a run that is erased takes its payloads along. Parts are stored once a run. */
  keepPayload(payload: {
    run: string;
    id: string;
    metadata: string;
    parts: { id: string; data: Uint8Array }[];
  }): Promise<void>;
  readPayload(run: string, id: string): Promise<{ metadata: string; data: Uint8Array } | undefined>;
}

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

/** Stores large payloads by run, under the SHA-256 of their content. */
function storageIn(store: PayloadStore): ExternalStorage {
  const driver = {
    name: 'countersign-ledger',
    type: 'countersign.ledger',
    store: ({ target }: StorageDriverStoreContext, payloads: Payload[]) =>
      Promise.all(payloads.map((payload) => keep(store, shortIdIn(target?.id ?? ''), payload))),
    retrieve: (_context: object, claims: StorageDriverClaim[]) =>
      Promise.all(claims.map(({ claimData }) => retrieve(store, claimData.run ?? '', claimData.id ?? ''))),
  };
  return new ExternalStorage({ drivers: [driver], payloadSizeThreshold: LARGE_BYTES });
}

async function keep(store: PayloadStore, run: string, payload: Payload): Promise<StorageDriverClaim> {
  const data = payload.data ?? new Uint8Array();
  const entries = Object.entries(payload.metadata ?? {}).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const encoded = entries.map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  const metadata = JSON.stringify(Object.fromEntries(encoded));
  const id = digest({ metadata, data });
  const parts = encodingOf(payload) === IN_PARTS ? framesIn(data) : split(data);
  await store.keepPayload({
    ...{ run, id, metadata },
    parts: parts.map((part) => ({ id: createHash('sha256').update(part).digest('hex'), data: part })),
  });
  return new StorageDriverClaim({ run, id });
}

async function retrieve(store: PayloadStore, run: string, id: string): Promise<Payload> {
  const kept = await store.readPayload(run, id);
  if (!kept) {
    const message = `A large payload (${id}) of run "${run}" is not in this ledger: the run was erased, or another ledger has it. Give every process of the service the same DATABASE_URL.`;
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
