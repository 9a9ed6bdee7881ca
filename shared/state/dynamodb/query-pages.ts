import { QueryCommand, type QueryCommandInput } from '@aws-sdk/client-dynamodb';
import type { Item } from './attributes.ts';
import type { TableReader } from './batch-get.ts';
import { readInTime } from './read-in-time.ts';

/** A query of one partition of a table or index. */
export type PartitionQuery = Omit<QueryCommandInput, 'ExclusiveStartKey'> & { readonly TableName: string };

/** The pages of a query, each read when it is asked for. */
export async function* queryPages(reader: TableReader, query: PartitionQuery): AsyncGenerator<readonly Item[], void> {
  let start: Item | undefined;
  do {
    const page = await readInTime(`table '${query.TableName}'`, reader, async (abortSignal) => ({
      kind: 'done',
      value: await reader.client.send(new QueryCommand({ ...query, ExclusiveStartKey: start }), { abortSignal }),
    }));
    yield page.Items ?? [];
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}

/** All that a query finds. */
export const queryAll = async (reader: TableReader, query: PartitionQuery): Promise<readonly Item[]> => {
  const found: Item[] = [];
  for await (const page of queryPages(reader, query)) found.push(...page);
  return found;
};
