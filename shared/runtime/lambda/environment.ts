import { parseJson } from '../../codec/json.ts';
import type { Processor } from '../../processor/processor.ts';
import { isWholeNumber } from '../whole-number.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** What infrastructure tells a processor's function about where it runs; one environment variable each. */
export interface FunctionEnvironment {
  /** Id of the processor the function is for. */
  readonly processor: string;
  /** Name of the stack it belongs to, `stackName(topology, stage)`; it keeps metrics and logs of two stages apart. */
  readonly deployment: string;
  /** Whether the input stream is written from outside of the topology. */
  readonly inputIsForeign: boolean;
  /** Names of the Kinesis streams it writes, by stream of the topology. */
  readonly streams: Readonly<Record<string, string>>;
  /** DynamoDB table of keyed state; undefined for a processor without state. */
  readonly stateTable: string | undefined;
  /** DynamoDB tables that processors fill, by table of the topology: those it fills and those it looks into. */
  readonly tables: Readonly<Record<string, string>>;
  /** DynamoDB tables of reference data it looks into, by table of the topology. */
  readonly references: Readonly<Record<string, string>>;
  /** ARNs of SNS topics, by notification of the topology. */
  readonly topics: Readonly<Record<string, string>>;
  /** Bucket of dead letters. */
  readonly deadLetterBucket: string;
  /** Maximum number of environments of this function that run at the same time; 1 or more. */
  readonly concurrency: number;
}

/** What infrastructure tells the query API about where it runs; one environment variable each. */
export interface ApiEnvironment {
  /** DynamoDB tables that processors fill, by table of the topology. */
  readonly tables: Readonly<Record<string, string>>;
  /** DynamoDB tables of reference data, by table of the topology. */
  readonly references: Readonly<Record<string, string>>;
  /** ARN, or name, of the secret that cursors are sealed with: 32 characters or more. */
  readonly cursorSecret: string;
}

/** The variables of a processor's function: what {@link readEnvironment} reads. */
export const environmentVariables = (environment: FunctionEnvironment): Record<string, string> => ({
  MILLRACE_PROCESSOR: environment.processor,
  MILLRACE_DEPLOYMENT: environment.deployment,
  MILLRACE_INPUT: environment.inputIsForeign ? 'foreign' : 'ours',
  MILLRACE_STREAMS: JSON.stringify(environment.streams),
  ...(environment.stateTable !== undefined && { MILLRACE_STATE_TABLE: environment.stateTable }),
  MILLRACE_TABLES: JSON.stringify(environment.tables),
  MILLRACE_REFERENCES: JSON.stringify(environment.references),
  MILLRACE_TOPICS: JSON.stringify(environment.topics),
  MILLRACE_DEAD_LETTER_BUCKET: environment.deadLetterBucket,
  MILLRACE_CONCURRENCY: String(environment.concurrency),
});

/** Reads and checks a function's environment. Throws a `RangeError` that names each variable that is missing or wrong. */
export const readEnvironment = (env: Variables): FunctionEnvironment =>
  readVariables(env, (variables) => ({
    processor: variables.text('MILLRACE_PROCESSOR'),
    deployment: variables.text('MILLRACE_DEPLOYMENT'),
    inputIsForeign: variables.oneOf('MILLRACE_INPUT', ['foreign', 'ours']) === 'foreign',
    streams: variables.names('MILLRACE_STREAMS'),
    stateTable: env['MILLRACE_STATE_TABLE'] === undefined ? undefined : variables.text('MILLRACE_STATE_TABLE'),
    tables: variables.names('MILLRACE_TABLES'),
    references: variables.names('MILLRACE_REFERENCES'),
    topics: variables.names('MILLRACE_TOPICS'),
    deadLetterBucket: variables.text('MILLRACE_DEAD_LETTER_BUCKET'),
    concurrency: variables.wholeNumber('MILLRACE_CONCURRENCY', 1, MAX_CONCURRENCY),
  }));

const MAX_CONCURRENCY = 10_000;

/**
 * Checks that an environment is that of this processor's function and names everything the processor touches.
 *
 * Throws a `RangeError` that names each variable that is wrong.
 */
export const checkEnvironment = (processor: Processor, environment: FunctionEnvironment): void => {
  const wrong = [...wrongNames(processor, environment)];
  if (wrong.length === 0) return;
  throw new RangeError(
    `the function's environment does not fit processor '${processor.id}': ${wrong.join('; ')}. Deploy it again.`,
  );
};

function* wrongNames(processor: Processor, environment: FunctionEnvironment): Generator<string> {
  const { id, to, tables: lookups, keyed } = processor;
  const { streams, topics, tables, references, stateTable } = environment;
  if (environment.processor !== id) yield `MILLRACE_PROCESSOR is '${environment.processor}', the code is of '${id}'`;
  for (const { kind, name } of Object.values(to)) {
    const [variable, names] = kind === 'stream' ? ['MILLRACE_STREAMS', streams] : ['MILLRACE_TOPICS', topics];
    if (!Object.hasOwn(names, name)) yield `${variable} does not name ${kind} '${name}', which it writes`;
  }
  for (const { table } of Object.values(lookups)) {
    if (Object.hasOwn(tables, table.name) || Object.hasOwn(references, table.name)) continue;
    yield `neither MILLRACE_TABLES nor MILLRACE_REFERENCES names table '${table.name}', which it looks into`;
  }
  if (keyed?.as !== undefined && !Object.hasOwn(tables, keyed.as.name)) {
    yield `MILLRACE_TABLES does not name table '${keyed.as.name}', which it fills`;
  }
  if (keyed !== undefined && keyed.as === undefined && stateTable === undefined) {
    yield 'MILLRACE_STATE_TABLE is not set, and it keeps state';
  }
}

/** The variables of the query API's function: what {@link readApiEnvironment} reads. */
export const apiEnvironmentVariables = (environment: ApiEnvironment): Record<string, string> => ({
  MILLRACE_TABLES: JSON.stringify(environment.tables),
  MILLRACE_REFERENCES: JSON.stringify(environment.references),
  MILLRACE_CURSOR_SECRET: environment.cursorSecret,
});

/** Reads and checks the query API's environment. Throws a `RangeError` that names each variable that is missing or wrong. */
export const readApiEnvironment = (env: Variables): ApiEnvironment =>
  readVariables(env, (variables) => ({
    tables: variables.names('MILLRACE_TABLES'),
    references: variables.names('MILLRACE_REFERENCES'),
    cursorSecret: variables.text('MILLRACE_CURSOR_SECRET'),
  }));

/** A variable that holds a whole number; both ends of the range are allowed. */
export interface WholeNumberVariable {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** Its value where it is not set. */
  readonly otherwise: number;
}

/**
 * Reads an option of a topology from the environment of its function, once, at start-up.
 *
 * Throws a `RangeError` that names the variable where it holds anything but a whole number in the range.
 */
export const wholeNumberVariable = (
  { name, from, to, otherwise }: WholeNumberVariable,
  env: Variables = process.env,
): number => {
  const text = env[name];
  if (text === undefined) return otherwise;
  if (isWholeNumber(text, from, to)) return Number(text);
  throw new RangeError(
    `${name} must be a whole number from ${from} to ${to}, got '${text}': correct it in the configuration of the function, or deploy again`,
  );
};

const readVariables = <Data>(env: Variables, read: (variables: VariableReader) => Data): Data => {
  const variables = new VariableReader(env);
  const data = read(variables);
  if (variables.wrong.length === 0) return data;
  throw new RangeError(
    `the function's environment is not what a deployment sets: ${variables.wrong.join('; ')}. Deploy it again.`,
  );
};

/** Reads variables one by one; what is wrong is gathered, so that one error names all, and reads as empty. */
class VariableReader {
  readonly wrong: string[] = [];
  readonly #env: Variables;

  constructor(env: Variables) {
    this.#env = env;
  }

  text(name: string): string {
    return this.#checked(name, (text) => text !== '', 'must not be empty');
  }

  oneOf(name: string, allowed: readonly string[]): string {
    return this.#checked(name, (text) => allowed.includes(text), `must be '${allowed.join("' or '")}'`);
  }

  wholeNumber(name: string, from: number, to: number): number {
    return Number(
      this.#checked(name, (text) => isWholeNumber(text, from, to), `must be a whole number from ${from} to ${to}`),
    );
  }

  /** Names by name, as a JSON object. */
  names(name: string): Readonly<Record<string, string>> {
    const rule = 'must be a JSON object of names, for example {"orders":"shop-orders"}';
    return namesIn(this.#checked(name, (text) => namesIn(text) !== undefined, rule)) ?? {};
  }

  #checked(name: string, isRight: (text: string) => boolean, rule: string): string {
    const text = this.#env[name];
    if (text !== undefined && isRight(text)) return text;
    this.wrong.push(text === undefined ? `${name} is not set: must be set` : `${name} is '${text}': ${rule}`);
    return '';
  }
}

const namesIn = (text: string): Readonly<Record<string, string>> | undefined => {
  const json = parseJson(text);
  return json.kind === 'value' && isNames(json.value) ? json.value : undefined;
};

const isNames = (value: unknown): value is Readonly<Record<string, string>> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((name) => typeof name === 'string' && name !== '');
