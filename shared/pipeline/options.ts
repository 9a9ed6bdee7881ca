import { isWholeNumber } from '../runtime/whole-number.ts';

/** What text of the user is: a value, or what would have been allowed. */
export type Checked<Value> =
  { readonly kind: 'good'; readonly value: Value } | { readonly kind: 'wrong'; readonly allowed: string };

/**
 * One option of a pipeline: `--grace-days 3` on the command line and `-c graceDays=3` of a deployment are the option `graceDays`.
 */
export interface Option<Value> {
  /** What it decides, in a few words. */
  readonly help: string;
  /** How help names its value, such as `n`. */
  readonly valueName: string;
  readonly default: Value;
  /** For the examples of the help. @default - it is in none */
  readonly example?: string;
  check(text: string): Checked<Value>;
}

/** Options by name, in camel case. */
export type Options = Readonly<Record<string, Option<unknown>>>;

/** The values of options. */
export type OptionValues<Of extends Options> = {
  readonly [Name in keyof Of]: Of[Name] extends Option<infer Value> ? Value : never;
};

/** A whole number from `min` to `max`, in digits alone. */
export const wholeNumber = (given: {
  readonly min: number;
  readonly max: number;
  readonly default: number;
  readonly help: string;
  readonly example?: string;
}): Option<number> => {
  const { min, max, help } = given;
  const range = `${String(min)} to ${String(max)}`;
  return {
    ...given,
    help: `${help}, ${range}`,
    valueName: 'n',
    check: (text) =>
      isWholeNumber(text, min, max)
        ? { kind: 'good', value: Number(text) }
        : { kind: 'wrong', allowed: `a whole number from ${range}` },
  };
};

/** One of a few words. */
export const choice = <const Choice extends string>(given: {
  readonly choices: readonly Choice[];
  readonly default: NoInfer<Choice>;
  readonly help: string;
  readonly example?: string;
}): Option<Choice> => {
  const names = given.choices.join(', ');
  return {
    help: `${given.help}: ${names}`,
    valueName: 'name',
    default: given.default,
    ...(given.example !== undefined && { example: given.example }),
    check: (text) => {
      const chosen = given.choices.find((one) => one === text);
      return chosen === undefined ? { kind: 'wrong', allowed: `one of ${names}` } : { kind: 'good', value: chosen };
    },
  };
};

/** Any text; `matches` says which, and `allowed` says it in words. */
export const freeText = (given: {
  readonly default: string;
  readonly help: string;
  readonly matches?: RegExp;
  /** Goes on with "must be". */
  readonly allowed?: string;
  readonly example?: string;
}): Option<string> => ({
  help: given.help,
  valueName: 'text',
  default: given.default,
  ...(given.example !== undefined && { example: given.example }),
  check: (value) =>
    given.matches === undefined || given.matches.test(value)
      ? { kind: 'good', value }
      : { kind: 'wrong', allowed: given.allowed ?? `a text that matches ${String(given.matches)}` },
});

/**
 * The flag of an option on the command line.
 *
 * @example
 * ```ts
 * flagOf('graceDays'); // '--grace-days'
 * ```
 */
export const flagOf = (name: string): string =>
  `--${name.replaceAll(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)}`;

/** The values that count where nothing is given. */
export const defaultsOf = (options: Options): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.default]));
