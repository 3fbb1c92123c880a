import { readVariable } from '../config/environment.js';
import { migrateLedger } from '../ledger/upkeep/migrate.js';
import { placeOf } from './ledger/ledger-command.js';
import { prepareEnvironment } from './prepare-environment.js';

/** Makes the ledger's tables, or brings them to this version, and grants a database user what the service needs. */
export async function migrate({ grantTo }: { grantTo?: string }): Promise<void> {
  const url = readVariable(prepareEnvironment(), 'DATABASE_URL');
  const { version, views } = await migrateLedger(url, grantTo);
  console.log(`The tables of ${placeOf(url)} are of version ${version}.`);
  if (views > 0) console.log(`The views of ${views} runs were made anew.`);
  if (grantTo !== undefined) console.log(`${grantTo} has the rights that the service needs.`);
}
