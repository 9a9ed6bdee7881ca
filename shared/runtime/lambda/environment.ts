import * as z from 'zod/mini';
import { isWholeNumber } from './whole-number.ts';

/** What infrastructure tells a function about where it runs; one environment variable each. */
export interface FunctionEnvironment {
  /** Id of the processor the function is for. */
  readonly processor: string;
  /** Name of the stack it belongs to, `stackName(topology, stage)`: metrics and logs of two stages are told apart by it. */
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
  /** How many environments of this function may run at the same time at most; 1 or more. */
  readonly concurrency: number;
}

const MOST_CONCURRENCY = 10_000;

const text = z.string('must be set').check(z.minLength(1, 'must not be empty'));

const names = z.pipe(
  z.string('must be set'),
  z.transform((json, context): Record<string, string> => {
    const parsed = z.record(z.string(), text).safeParse(jsonOf(json));
    if (parsed.success) return parsed.data;
    context.issues.push({
      code: 'custom',
      input: json,
      message: 'must be a JSON object of names, for example {"orders":"shop-orders"}',
    });
    return z.NEVER;
  }),
);

/** Undefined for what is no JSON. */
const jsonOf = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
};

const VARIABLES = z.object({
  MILLRACE_PROCESSOR: text,
  MILLRACE_DEPLOYMENT: text,
  MILLRACE_INPUT: z.enum(['foreign', 'ours'], "must be 'foreign' or 'ours'"),
  MILLRACE_STREAMS: names,
  MILLRACE_STATE_TABLE: z.optional(text),
  MILLRACE_TABLES: names,
  MILLRACE_REFERENCES: names,
  MILLRACE_TOPICS: names,
  MILLRACE_DEAD_LETTER_BUCKET: text,
  MILLRACE_CONCURRENCY: z
    .string('must be set')
    .check(
      z.refine(
        (digits) => isWholeNumber(digits, 1, MOST_CONCURRENCY),
        `must be a whole number from 1 to ${MOST_CONCURRENCY}`,
      ),
    ),
});

/** The variables of a function's environment: what {@link readEnvironment} reads. */
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
export const readEnvironment = (env: Readonly<Record<string, string | undefined>>): FunctionEnvironment => {
  const { data, error } = VARIABLES.safeParse(env);
  if (error !== undefined) {
    const wrong = error.issues.map(({ path, message }) => {
      const name = String(path[0]);
      return `${name} is ${env[name] === undefined ? 'not set' : `'${env[name]}'`}: ${message}`;
    });
    throw new RangeError(
      `the function's environment is not what a deployment sets: ${wrong.join('; ')}. Deploy it again.`,
    );
  }
  return {
    processor: data.MILLRACE_PROCESSOR,
    deployment: data.MILLRACE_DEPLOYMENT,
    inputIsForeign: data.MILLRACE_INPUT === 'foreign',
    streams: data.MILLRACE_STREAMS,
    stateTable: data.MILLRACE_STATE_TABLE,
    tables: data.MILLRACE_TABLES,
    references: data.MILLRACE_REFERENCES,
    topics: data.MILLRACE_TOPICS,
    deadLetterBucket: data.MILLRACE_DEAD_LETTER_BUCKET,
    concurrency: Number(data.MILLRACE_CONCURRENCY),
  };
};
