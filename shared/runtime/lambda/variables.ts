import * as z from 'zod/mini';

/** A variable that must say something. */
export const textVariable = z.string('must be set').check(z.minLength(1, 'must not be empty'));

/** A variable that holds names by name, as a JSON object. */
export const namesVariable = z.pipe(
  z.string('must be set'),
  z.transform((json, context): Record<string, string> => {
    const parsed = z.record(z.string(), textVariable).safeParse(jsonOf(json));
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

/** Reads and checks variables of an environment. Throws a `RangeError` that names each one that is missing or wrong. */
export const readVariables = <Variables>(
  schema: z.ZodMiniType<Variables>,
  env: Readonly<Record<string, string | undefined>>,
): Variables => {
  const { data, error } = schema.safeParse(env);
  if (error === undefined) return data;
  const wrong = error.issues.map(({ path, message }) => {
    const name = String(path[0]);
    return `${name} is ${env[name] === undefined ? 'not set' : `'${env[name]}'`}: ${message}`;
  });
  throw new RangeError(
    `the function's environment is not what a deployment sets: ${wrong.join('; ')}. Deploy it again.`,
  );
};
