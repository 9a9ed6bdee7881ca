import * as z from 'zod/mini';
import { namesVariable, readVariables, textVariable } from './variables.ts';
import { isWholeNumber } from '../whole-number.ts';

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

const VARIABLES = z.object({
  MILLRACE_PROCESSOR: textVariable,
  MILLRACE_DEPLOYMENT: textVariable,
  MILLRACE_INPUT: z.enum(['foreign', 'ours'], "must be 'foreign' or 'ours'"),
  MILLRACE_STREAMS: namesVariable,
  MILLRACE_STATE_TABLE: z.optional(textVariable),
  MILLRACE_TABLES: namesVariable,
  MILLRACE_REFERENCES: namesVariable,
  MILLRACE_TOPICS: namesVariable,
  MILLRACE_DEAD_LETTER_BUCKET: textVariable,
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
  const data = readVariables(VARIABLES, env);
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
