import { z } from 'zod';
import { parseDuration } from '../approval/duration.js';

/** Shortest time for which the ledger keeps runs that are over, in milliseconds: their cards may still be repaired. */
const SHORTEST_RETENTION_MS = 86_400_000;

/** Time for which the ledger keeps runs that are over. Read as milliseconds. */
export const retention = z
  .string()
  .transform(parseDuration)
  .pipe(
    z
      .number('is no duration. Use one such as 90d or "90 days", or unset it to keep runs for ever.')
      .min(
        SHORTEST_RETENTION_MS,
        'is shorter than a day. Use a longer duration, or unset it to keep runs for ever.',
      ),
  );
