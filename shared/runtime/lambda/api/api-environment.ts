import * as z from 'zod/mini';

/** What infrastructure tells the query API about where it runs; one environment variable each. */
export interface ApiEnvironment {
  /** DynamoDB tables that processors fill, by table of the topology. */
  readonly tables: Readonly<Record<string, string>>;
  /** DynamoDB tables of reference data, by table of the topology. */
  readonly references: Readonly<Record<string, string>>;
  /** ARN, or name, of the secret that cursors are sealed with: 32 characters or more. */
  readonly cursorSecret: string;
}

const names = z.pipe(
  z.string('must be set'),
  z.transform((text, context): Record<string, string> => {
    const { data } = z.record(z.string(), z.string().check(z.minLength(1))).safeParse(jsonOf(text));
    if (data !== undefined) return data;
    const message = 'must be a JSON object of names, for example {"orders":"shop-orders"}';
    context.issues.push({ code: 'custom', input: text, message });
    return z.NEVER;
  }),
);

/** Undefined for what is no JSON. */
const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const VARIABLES = z.object({
  MILLRACE_TABLES: names,
  MILLRACE_REFERENCES: names,
  MILLRACE_CURSOR_SECRET: z.string('must be set').check(z.minLength(1, 'must be the ARN or the name of a secret')),
});

/** The variables of the function's environment: what {@link readApiEnvironment} reads. */
export const apiEnvironmentVariables = (environment: ApiEnvironment): Record<string, string> => ({
  MILLRACE_TABLES: JSON.stringify(environment.tables),
  MILLRACE_REFERENCES: JSON.stringify(environment.references),
  MILLRACE_CURSOR_SECRET: environment.cursorSecret,
});

/** Reads and checks the environment. Throws a `RangeError` that names each variable that is missing or wrong. */
export const readApiEnvironment = (env: Readonly<Record<string, string | undefined>>): ApiEnvironment => {
  const { data, error } = VARIABLES.safeParse(env);
  if (error !== undefined) {
    const wrong = error.issues.map(({ path, message }) => {
      const name = String(path[0]);
      return `${name} is ${env[name] === undefined ? 'not set' : `'${env[name]}'`}: ${message}`;
    });
    throw new RangeError(
      `the environment of the query API is not what a deployment sets: ${wrong.join('; ')}. Deploy it again.`,
    );
  }
  return {
    tables: data.MILLRACE_TABLES,
    references: data.MILLRACE_REFERENCES,
    cursorSecret: data.MILLRACE_CURSOR_SECRET,
  };
};
