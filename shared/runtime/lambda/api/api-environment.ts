import * as z from 'zod/mini';
import { namesVariable, readVariables, textVariable } from '../variables.ts';

/** What infrastructure tells the query API about where it runs; one environment variable each. */
export interface ApiEnvironment {
  /** DynamoDB tables that processors fill, by table of the topology. */
  readonly tables: Readonly<Record<string, string>>;
  /** DynamoDB tables of reference data, by table of the topology. */
  readonly references: Readonly<Record<string, string>>;
  /** ARN, or name, of the secret that cursors are sealed with: 32 characters or more. */
  readonly cursorSecret: string;
}

const VARIABLES = z.object({
  MILLRACE_TABLES: namesVariable,
  MILLRACE_REFERENCES: namesVariable,
  MILLRACE_CURSOR_SECRET: textVariable,
});

/** The variables of the function's environment: what {@link readApiEnvironment} reads. */
export const apiEnvironmentVariables = (environment: ApiEnvironment): Record<string, string> => ({
  MILLRACE_TABLES: JSON.stringify(environment.tables),
  MILLRACE_REFERENCES: JSON.stringify(environment.references),
  MILLRACE_CURSOR_SECRET: environment.cursorSecret,
});

/** Reads and checks the environment. Throws a `RangeError` that names each variable that is missing or wrong. */
export const readApiEnvironment = (env: Readonly<Record<string, string | undefined>>): ApiEnvironment => {
  const data = readVariables(VARIABLES, env);
  return {
    tables: data.MILLRACE_TABLES,
    references: data.MILLRACE_REFERENCES,
    cursorSecret: data.MILLRACE_CURSOR_SECRET,
  };
};
