import type { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { CountersignError, reasonOf } from '../platform/errors.js';
import { SEARCH_ATTRIBUTES } from '../run/summary.js';

const { IndexedValueType } = proto.temporal.api.enums.v1;
type IndexedValueType = proto.temporal.api.enums.v1.IndexedValueType;

/** A search attribute of the service, with its type as Temporal's command lines write it. */
export interface SearchAttribute {
  name: string;
  type: 'Keyword' | 'KeywordList';
}

const TYPES = { KEYWORD: 'Keyword', KEYWORD_LIST: 'KeywordList' } as const;
const WANTED: SearchAttribute[] = Object.values(SEARCH_ATTRIBUTES).map(({ name, type }) => ({
  name,
  type: TYPES[type],
}));

/** Types of the attributes that a server has, by their names. */
type Known = Record<string, SearchAttribute['type'] | 'another'>;

/** Ways to learn which attributes there are. Each server refuses some. */
const WAYS: ((connection: Connection, namespace: string) => Promise<Known>)[] = [
  async ({ operatorService }, namespace) =>
    byType((await operatorService.listSearchAttributes({ namespace })).customAttributes),
  // Temporal Cloud refuses the operator's calls. There, and with SQL, an attribute is an alias of a field, such as Keyword01.
  async ({ workflowService }, namespace) => {
    const { config } = await workflowService.describeNamespace({ namespace });
    const aliases = Object.entries(config?.customSearchAttributeAliases ?? {});
    return Object.fromEntries(aliases.map(([field, name]) => [name, typeOfField(field)]));
  },
  // With Elasticsearch there are no aliases, and an authorizer may refuse the operator's calls.
  async ({ workflowService }) => byType((await workflowService.getSearchAttributes({})).keys),
];

/** Lists the service's search attributes that the namespace doesn't have. */
export async function missingSearchAttributes(
  connection: Connection,
  namespace: string,
): Promise<SearchAttribute[]> {
  const answers = await Promise.all(WAYS.map((way) => way(connection, namespace).catch((): Known => ({}))));
  return WANTED.filter(({ name, type }) => !answers.some((known) => known[name] === type));
}

/** Registers the service's search attributes. @throws CountersignError when the server doesn't take them. */
export async function registerSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const missing = await missingSearchAttributes(connection, namespace);
  if (missing.length === 0) return;
  const types = {
    Keyword: 'INDEXED_VALUE_TYPE_KEYWORD',
    KeywordList: 'INDEXED_VALUE_TYPE_KEYWORD_LIST',
  } as const;
  const searchAttributes = Object.fromEntries(
    missing.map(({ name, type }) => [name, IndexedValueType[types[type]]]),
  );
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (cause) {
    throw new CountersignError(
      'SearchAttributesRefused',
      `Temporal registers no search attributes in ${namespace} (${reasonOf(cause)}). On Temporal Cloud use tcld or Terraform: docs/temporal-cloud.md. Elsewhere an operator of the server may do it.`,
      { cause },
    );
  }
}

function byType(types: Record<string, IndexedValueType> | null | undefined): Known {
  const typeOf = (type: IndexedValueType) => {
    if (type === IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD) return 'Keyword';
    return type === IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST ? 'KeywordList' : 'another';
  };
  return Object.fromEntries(Object.entries(types ?? {}).map(([name, type]) => [name, typeOf(type)]));
}

/** Type of a field by its name, such as `KeywordList01`. */
function typeOfField(field: string): Known[string] {
  const type = field.replace(/\d+$/, '');
  return type === 'Keyword' || type === 'KeywordList' ? type : 'another';
}
