import type { KeyAttribute, TableLayout } from '../../../shared/state/dynamodb/table-layout.ts';
import { part, type Answer, type Call } from './endpoint.ts';

/** Tables in this process that obey DynamoDB's rules: conditions, consistency, pages, sizes. */
export interface TableDouble {
  readonly answer: (call: Call) => Answer;
  /** All items of a table as they are now. */
  readonly items: (table: string) => readonly StoredAttributes[];
}

export type StoredAttributes = Readonly<Record<string, unknown>>;

const MAX_ITEM_BYTES = 400 * 1024;
const MAX_PAGE_ITEMS = 50;

/**
 * Makes empty tables. A read of a table or local index that does not ask for consistency sees each item as it was before the last
 * write, so code that relies on such a read fails here as it would under load.
 */
export const tableDouble = (layouts: Readonly<Record<string, TableLayout>>): TableDouble => {
  const tables = new Map(Object.entries(layouts).map(([name, layout]) => [name, new Table(layout)]));
  const tableOf = (name: unknown): Table => {
    const table = tables.get(String(name));
    if (table === undefined) throw new Refusal('ResourceNotFoundException', `no table ${String(name)}`);
    return table;
  };
  const run = ({ operation, input }: Call): object => {
    switch (operation) {
      case 'PutItem': {
        const table = tableOf(input['TableName']);
        table.put(attributesOf(input['Item']), input);
        return {};
      }
      case 'UpdateItem': {
        const table = tableOf(input['TableName']);
        table.remove(attributesOf(input['Key']), namesIn(input['UpdateExpression']), input);
        return {};
      }
      case 'BatchGetItem': {
        const Responses = Object.entries(attributesOf(input['RequestItems'])).map(([name, asked]) => {
          const keys = listOf(part(asked, 'Keys'));
          const texts = keys.map((key) => JSON.stringify(key));
          if (new Set(texts).size < texts.length) throw new Refusal('ValidationException', 'duplicate keys');
          if (keys.length > 100) throw new Refusal('ValidationException', 'too many keys');
          const isConsistent = part(asked, 'ConsistentRead') === true;
          return [name, keys.flatMap((key) => tableOf(name).get(attributesOf(key), isConsistent) ?? [])] as const;
        });
        return { Responses: Object.fromEntries(Responses) };
      }
      case 'Query':
      case 'Scan':
        return tableOf(input['TableName']).page(input);
      default:
        throw new Refusal('UnknownOperationException', operation);
    }
  };
  return {
    answer: (call) => {
      try {
        return { kind: 'ok', body: run(call) };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return { kind: 'error', name: error.code, message: error.message };
      }
    },
    items: (table) => tableOf(table).all(true),
  };
};

class Refusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

class Table {
  readonly #layout: TableLayout;
  readonly #current = new Map<string, StoredAttributes>();
  /** Each item as it was before its last write. */
  readonly #before = new Map<string, StoredAttributes | undefined>();

  constructor(layout: TableLayout) {
    this.#layout = layout;
  }

  get(key: StoredAttributes, isConsistent: boolean): StoredAttributes | undefined {
    const id = this.#idOf(key);
    return isConsistent || !this.#before.has(id) ? this.#current.get(id) : this.#before.get(id);
  }

  all(isConsistent: boolean): readonly StoredAttributes[] {
    return [...this.#current.values()].map((item) => this.get(item, isConsistent)).filter((item) => item !== undefined);
  }

  put(item: StoredAttributes, input: StoredAttributes): void {
    const id = this.#idOf(item);
    const bytes = Buffer.byteLength(JSON.stringify(item));
    if (bytes > MAX_ITEM_BYTES * 1.1) {
      throw new Refusal('ValidationException', 'Item size has exceeded the maximum allowed size');
    }
    this.#check(id, input);
    this.#write(id, item);
  }

  remove(key: StoredAttributes, names: readonly string[], input: StoredAttributes): void {
    const id = this.#idOf(key);
    this.#check(id, input);
    const kept = Object.entries(this.#current.get(id) ?? key).filter(([name]) => !names.includes(name));
    this.#write(id, Object.fromEntries(kept));
  }

  page(input: StoredAttributes): object {
    const { localIndexes, globalIndexes, partitionKey, sortKey } = this.#layout;
    const isGlobal = globalIndexes.some(({ name }) => name === input['IndexName']);
    const index = [...localIndexes, ...globalIndexes].find(({ name }) => name === input['IndexName']);
    if (isGlobal && input['ConsistentRead'] === true) throw new Refusal('ValidationException', 'no consistent read');
    const order = [index?.sortKey, partitionKey, sortKey].filter((attribute) => attribute !== undefined);
    const condition = plain(input['KeyConditionExpression'] ?? input['FilterExpression']);
    const found = this.all(isGlobal || input['ConsistentRead'] === true)
      .filter((item) => index === undefined || index.sortKey.name in item)
      .filter((item) => holds(condition, item, input))
      .sort((one, other) => compareBy(order, one, other));
    const start = input['ExclusiveStartKey'];
    const from = start === undefined ? 0 : found.findIndex((item) => compareBy(order, item, attributesOf(start)) > 0);
    const rest = from < 0 ? [] : found.slice(from);
    const limit = Math.min(Number(input['Limit'] ?? MAX_PAGE_ITEMS), MAX_PAGE_ITEMS);
    const Items = rest.slice(0, limit);
    return { Items, ...(rest.length > limit && { LastEvaluatedKey: Items.at(-1) }) };
  }

  #write(id: string, item: StoredAttributes): void {
    this.#before.set(id, this.#current.get(id));
    this.#current.set(id, item);
  }

  #check(id: string, input: StoredAttributes): void {
    const condition = input['ConditionExpression'];
    if (condition !== undefined && !holds(plain(condition), this.#current.get(id) ?? {}, input)) {
      throw new Refusal('ConditionalCheckFailedException', 'The conditional request failed');
    }
  }

  #idOf(item: StoredAttributes): string {
    return JSON.stringify(
      [this.#layout.partitionKey, this.#layout.sortKey].map(({ name, type }) => {
        const value = part(item, name, type);
        if (typeof value !== 'string') throw new Refusal('ValidationException', `Missing the key ${name} in the item`);
        if (value === '') throw new Refusal('ValidationException', `empty string value. Key: ${name}`);
        return value;
      }),
    );
  }
}

/** Whether an expression of the kinds that the store uses holds for an item. */
const holds = (expression: string, item: StoredAttributes, input: StoredAttributes): boolean => {
  const valueOf = (name: string): unknown => item[plain(part(input, 'ExpressionAttributeNames', name)) || name];
  const given = (name: string): unknown => part(input, 'ExpressionAttributeValues', name);
  const between = /^(\S+ = \S+) AND (\S+) BETWEEN (\S+) AND (\S+)$/u.exec(expression);
  const terms =
    between === null
      ? expression.split(' AND ')
      : [between[1], `${between[2] ?? ''} >= ${between[3] ?? ''}`, `${between[2] ?? ''} <= ${between[4] ?? ''}`];
  return terms.every((term = '') => {
    const missing = /^attribute_not_exists\((\S+)\)$/u.exec(term);
    if (missing !== null) return valueOf(missing[1] ?? '') === undefined;
    const begins = /^begins_with\((\S+), (\S+)\)$/u.exec(term);
    if (begins !== null) return textOf(valueOf(begins[1] ?? '')).startsWith(textOf(given(begins[2] ?? '')));
    const compared = /^(\S+) (=|<=|>=) (\S+)$/u.exec(term);
    if (compared === null) throw new Refusal('ValidationException', `Invalid expression: ${expression}`);
    const value = valueOf(compared[1] ?? '');
    if (value === undefined) return false;
    const order = compareValues(value, given(compared[3] ?? ''));
    return compared[2] === '=' ? order === 0 : compared[2] === '<=' ? order <= 0 : order >= 0;
  });
};

const textOf = (value: unknown): string => plain(part(value, 'S'));

const plain = (value: unknown): string => (typeof value === 'string' ? value : '');

const compareValues = (one: unknown, other: unknown): number => {
  const [number, otherNumber] = [part(one, 'N'), part(other, 'N')];
  if (number !== undefined) return Number(number) - Number(otherNumber);
  return Buffer.compare(Buffer.from(textOf(one)), Buffer.from(textOf(other)));
};

const compareBy = (order: readonly KeyAttribute[], one: StoredAttributes, other: StoredAttributes): number => {
  for (const { name } of order) {
    const result = compareValues(one[name], other[name]);
    if (result !== 0) return result;
  }
  return 0;
};

/** The attributes that `REMOVE a, b` names. */
const namesIn = (expression: unknown): readonly string[] => String(expression).replace('REMOVE ', '').split(', ');

const attributesOf = (value: unknown): StoredAttributes =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
