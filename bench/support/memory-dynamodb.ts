import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  type AttributeValue,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from '@aws-sdk/client-dynamodb';

type Item = Record<string, AttributeValue>;

/** A write as it reaches the service. */
export interface SeenWrite {
  readonly table: string;
  /** Text of the item's key. */
  readonly key: string;
  readonly before: Readonly<Item> | undefined;
  readonly after: Readonly<Item>;
}

/** A real client whose calls are answered from memory, by as much of DynamoDB as the benchmark's callers ask for. */
export interface MemoryDynamodb {
  readonly client: DynamoDBClient;
  /** All writes since it was called last, conditional ones that failed included. */
  readonly takeWrites: () => readonly SeenWrite[];
}

/** Makes it; `keys` are the key attributes of each table. */
export const memoryDynamodb = (keys: Readonly<Record<string, readonly string[]>>): MemoryDynamodb => {
  const tables = new Map<string, Map<string, Item>>();
  let writes: SeenWrite[] = [];
  const itemsOf = (table: string): Map<string, Item> => {
    const items = tables.get(table) ?? new Map<string, Item>();
    tables.set(table, items);
    return items;
  };
  const textOf = (table: string, item: Readonly<Item>): string =>
    (keys[table] ?? []).map((name) => item[name]?.S ?? '').join(' ');
  const write = (table: string, key: string, after: Item): void => {
    const items = itemsOf(table);
    writes.push({ table, key, before: items.get(key), after });
    items.set(key, after);
  };

  const answer = (input: ServiceInputTypes): Omit<ServiceOutputTypes, '$metadata'> => {
    if ('RequestItems' in input) {
      const [table = ''] = Object.keys(input.RequestItems ?? {});
      const asked = input.RequestItems?.[table];
      if (asked === undefined || Array.isArray(asked)) throw new TypeError('only reads come in batches here');
      const found = (asked.Keys ?? []).flatMap((key): Item[] => {
        const item = itemsOf(table).get(textOf(table, key));
        return item === undefined ? [] : [item];
      });
      return { Responses: { [table]: found } };
    }
    const table = 'TableName' in input ? (input.TableName ?? '') : '';
    if ('KeyConditionExpression' in input) {
      const { KeyConditionExpression = '', ExpressionAttributeValues = {} } = input;
      const found = [...itemsOf(table).values()];
      return { Items: found.filter((item) => holds(KeyConditionExpression, item, ExpressionAttributeValues)) };
    }
    if ('Item' in input && 'ConditionExpression' in input) {
      const { Item = {}, ConditionExpression = '', ExpressionAttributeNames, ExpressionAttributeValues = {} } = input;
      const key = textOf(table, Item);
      const before = itemsOf(table).get(key);
      // Powertools also lets an expired item pass; none expires here.
      const [first = ''] = ConditionExpression.split(' OR ');
      const condition = first.replace('#id', ExpressionAttributeNames?.['#id'] ?? '');
      if (!holds(condition, before, ExpressionAttributeValues)) {
        writes.push({ table, key, before, after: before ?? {} });
        throw new ConditionalCheckFailedException({
          message: 'The conditional request failed',
          $metadata: {},
          ...(before !== undefined && { Item: before }),
        });
      }
      write(table, key, Item);
      return {};
    }
    if ('UpdateExpression' in input) {
      const { Key = {}, ExpressionAttributeValues = {} } = input;
      const key = textOf(table, Key);
      write(table, key, { ...itemsOf(table).get(key), ...Key, ...ExpressionAttributeValues });
      return {};
    }
    throw new TypeError(`the benchmark's DynamoDB knows no such call: ${JSON.stringify(input)}`);
  };

  const client = new DynamoDBClient({ region: 'us-east-1', maxAttempts: 1 });
  client.middlewareStack.add(
    () =>
      ({ input }) =>
        Promise.resolve().then(() => ({ output: { $metadata: {}, ...answer(input) }, response: {} })),
    { step: 'initialize', priority: 'low', name: 'answerFromMemory' },
  );
  return {
    client,
    takeWrites: () => {
      const taken = writes;
      writes = [];
      return taken;
    },
  };
};

/** Whether a condition holds of an item: terms joined by AND, each a comparison of one attribute, or that there is none. */
const holds = (condition: string, item: Readonly<Item> | undefined, values: Readonly<Item>): boolean =>
  condition.split(' AND ').every((term) => {
    const absent = /^attribute_not_exists\((\w+)\)$/u.exec(term)?.[1];
    if (absent !== undefined) return item?.[absent] === undefined;
    const [, name = '', operator, value = ''] = /^(\w+) (=|<=) (:\w+)$/u.exec(term) ?? [];
    const [left, right] = [item?.[name], values[value]];
    if (operator === undefined) throw new TypeError(`the benchmark's DynamoDB knows no such condition: ${term}`);
    if (left === undefined || right === undefined) return false;
    return operator === '=' ? (left.S ?? left.N) === (right.S ?? right.N) : Number(left.N) <= Number(right.N);
  });
