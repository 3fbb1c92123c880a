import { createHash } from 'node:crypto';
import { type DataConverter, ExternalStorage, type Payload, StorageDriverClaim } from '@temporalio/common';
import { CountersignError } from '../errors.js';
import { type PayloadKey, payloadEncryption } from './payload-encryption.js';

/** Where payloads are kept that are too large for Temporal. Every process of the service must use the same one. */
export interface PayloadStore {
  keepPayload(id: string, payload: { metadata: string; data: Uint8Array }): Promise<void>;
  readPayload(id: string): Promise<{ metadata: string; data: Uint8Array } | undefined>;
}

/** Payloads above this size in bytes are kept outside. Temporal refuses those over 2 MB, and a workflow task over 4 MB. */
const THRESHOLD_BYTES = 256 * 1024;

/** How payloads are handled on their way to Temporal and back. */
export interface PayloadHandling {
  store?: PayloadStore;
  /** The first one encrypts; without keys payloads go as they are. */
  keys?: PayloadKey[];
  /** With keys: whether payloads that nobody encrypted are taken. @default true */
  takesPlain?: boolean;
}

/** Temporal's data converter: payloads are encrypted where there are keys, and large ones are kept in the store. */
export function dataConverter(handling: PayloadHandling): DataConverter {
  const { store, keys: [current, ...older] = [], takesPlain = true } = handling;
  return {
    ...(current && { payloadCodecs: [payloadEncryption([current, ...older], takesPlain)] }),
    ...(store && { externalStorage: storageIn(store) }),
  };
}

/** Keeps large payloads, which are referred to by the SHA-256 of their content. */
function storageIn(store: PayloadStore): ExternalStorage {
  const driver = {
    name: 'countersign-ledger',
    type: 'countersign.ledger',
    store: (_context: object, payloads: Payload[]) =>
      Promise.all(
        payloads.map(async (payload) => {
          const metadata = metadataText(payload);
          const data = payload.data ?? new Uint8Array();
          const id = digest(metadata, data);
          await store.keepPayload(id, { metadata, data });
          return new StorageDriverClaim({ id });
        }),
      ),
    retrieve: (_context: object, claims: StorageDriverClaim[]) =>
      Promise.all(claims.map(({ claimData }) => retrieve(store, claimData.id ?? ''))),
  };
  return new ExternalStorage({ drivers: [driver], payloadSizeThreshold: THRESHOLD_BYTES });
}

async function retrieve(store: PayloadStore, id: string): Promise<Payload> {
  const kept = await store.readPayload(id);
  if (!kept) {
    throw new CountersignError(
      'PayloadMissing',
      `A large payload (${id}) is not in this ledger. Give every process of the service the same DATABASE_URL.`,
    );
  }
  if (digest(kept.metadata, kept.data) !== id) {
    throw new CountersignError(
      'PayloadChanged',
      `A large payload (${id}) was changed in the ledger's database.`,
    );
  }
  const encoded = JSON.parse(kept.metadata) as Record<string, string>;
  const metadata = Object.entries(encoded).map(([key, value]) => [key, Buffer.from(value, 'base64')]);
  return { metadata: Object.fromEntries(metadata), data: kept.data };
}

function metadataText({ metadata }: Payload): string {
  const entries = Object.entries(metadata ?? {}).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify(
    Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
  );
}

function digest(metadata: string, data: Uint8Array): string {
  return createHash('sha256').update(metadata).update('\0').update(data).digest('hex');
}
