import type { Temporal } from '../temporal/connection.js';
import { prepareEnvironment } from './prepare-environment.js';
import { withTemporal } from './with-temporal.js';

/** Lists the search attributes that the namespace lacks, with the commands that register them. With `register`, registers them first. */
export async function runSearchAttributes({ register = false } = {}): Promise<void> {
  prepareEnvironment();
  await withTemporal({}, async (temporal) => {
    if (register) await temporal.registerSearchAttributes();
    for (const line of await describeAttributes(temporal)) console.log(line);
  });
}

async function describeAttributes({ namespace, missingSearchAttributes }: Temporal): Promise<string[]> {
  const missing = await missingSearchAttributes();
  if (missing.length === 0) return [`Namespace ${namespace} has all search attributes of Countersign.`];
  const add = missing.map(({ name, type }) => ` --search-attribute "${name}=${type}"`).join('');
  return [
    `Namespace ${namespace} lacks ${missing.map(({ name, type }) => `${name} (${type})`).join(', ')}.`,
    'On a server of your own: countersign search-attributes register',
    `On Temporal Cloud: tcld namespace search-attributes add --namespace ${namespace}${add}`,
    'Then start the service again. Without them it works as well; runs are not found by requester or state in Temporal.',
  ];
}
