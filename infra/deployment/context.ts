import { parseArgs } from 'node:util';
import type { Checked, Options } from '../../shared/pipeline/options.ts';
import { nearestName } from '../../shared/pipeline/nearest-name.ts';
import { isEmailAddress } from '../../shared/processor/email-address.ts';
import { isStageName, STAGE_NAMES } from '../../shared/runtime/deployment/stage-name.ts';
import { DeploymentError } from './deployment-error.ts';

/** The choices of a deployment: `-c name=value`, or `context` of `cdk.json`. */
export interface DeploymentContext {
  /** AWS, or an endpoint on this machine that speaks AWS. */
  readonly target: 'aws' | 'local';
  /** Tells deployments of one topology in one account apart. Outside of `dev` data outlives the stack. */
  readonly stage: string;
  readonly capacity: 'provisioned' | 'on-demand';
  /** Of each stream with provisioned capacity. */
  readonly shards: number;
  readonly retentionHours: number;
  /** Addresses that may get alerts; each gets those of the rules that name it. */
  readonly alertEmail: readonly string[];
  /** Addresses that are notified when the deployment itself needs attention. */
  readonly operationsEmail: readonly string[];
  /** Who may read the query API: callers signed with IAM, or everyone. Changes are always signed. */
  readonly apiAuth: 'iam' | 'none';
  /** Whether functions reserve a part of the account's concurrency. */
  readonly reservedConcurrency: 'on' | 'off';
  /** How far event time may lag the clock before an alarm; undefined for no alarm. */
  readonly watermarkDelayHours: number | undefined;
  /** The one pipeline that is meant; undefined for all of the project. */
  readonly pipeline: string | undefined;
  /** Values of the pipelines' own options. */
  readonly options: Readonly<Record<string, unknown>>;
}

type Check<Value> = (text: string) => Checked<Value>;

const good = <Value>(value: Value): Checked<Value> => ({ kind: 'good', value });

const oneOf =
  <const Choice extends string>(...choices: readonly Choice[]): Check<Choice> =>
  (text) => {
    const chosen = choices.find((choice) => choice === text);
    return chosen === undefined ? { kind: 'wrong', allowed: choices.join(' or ') } : good(chosen);
  };

const wholeNumber =
  (min: number, max: number): Check<number> =>
  (text) =>
    /^\d{1,9}$/u.test(text) && Number(text) >= min && Number(text) <= max
      ? good(Number(text))
      : { kind: 'wrong', allowed: `a whole number from ${String(min)} to ${String(max)}` };

const addresses: Check<readonly string[]> = (text) => {
  const all = text === '' ? [] : text.split(',').map((one) => one.trim());
  return all.every(isEmailAddress)
    ? good([...new Set(all)])
    : { kind: 'wrong', allowed: 'e-mail addresses with commas between them, such as a@b.c,d@e.f' };
};

const anyName: Check<string | undefined> = (text) =>
  text === '' ? { kind: 'wrong', allowed: 'the name of a pipeline' } : good(text);

const stageName: Check<string> = (text) => (isStageName(text) ? good(text) : { kind: 'wrong', allowed: STAGE_NAMES });

const hoursOrOff: Check<number | undefined> = (text) => {
  if (text === 'off') return good(undefined);
  const hours = wholeNumber(1, 1_000_000)(text);
  return hours.kind === 'good' ? hours : { kind: 'wrong', allowed: `${hours.allowed}, or off` };
};

const NAMES = [
  'target',
  'stage',
  'capacity',
  'shards',
  'retentionHours',
  'alertEmail',
  'operationsEmail',
  'apiAuth',
  'reservedConcurrency',
  'watermarkDelayHours',
  'pipeline',
] as const satisfies readonly (keyof DeploymentContext)[];

/**
 * Reads and checks the context of a deployment, and in it the options of its pipelines.
 *
 * Throws one {@link DeploymentError} that lists every wrong value and every misspelt name: what was given, what is allowed and
 * what to do.
 */
export const readContext = (all: unknown, options: Options = {}): DeploymentContext => {
  const given: Readonly<Record<string, unknown>> = typeof all === 'object' && all !== null ? { ...all } : {};
  const wrong: string[] = [];
  const take = <Value>(name: string, check: Check<Value>, preset: Value): Value => {
    const value = given[name];
    if (value === undefined) return preset;
    const checked = check(typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '\0');
    if (checked.kind === 'good') return checked.value;
    wrong.push(`${name} is ${JSON.stringify(value)}; allowed: ${checked.allowed}. Change it: -c ${name}=...`);
    return preset;
  };
  const alertEmail = take('alertEmail', addresses, []);
  const context: DeploymentContext = {
    target: take('target', oneOf('aws', 'local'), 'aws'),
    stage: take('stage', stageName, 'dev'),
    capacity: take('capacity', oneOf('provisioned', 'on-demand'), 'provisioned'),
    shards: take('shards', wholeNumber(1, 10_000), 1),
    retentionHours: take('retentionHours', wholeNumber(24, 8760), 24),
    alertEmail,
    operationsEmail: take('operationsEmail', addresses, alertEmail),
    apiAuth: take('apiAuth', oneOf('iam', 'none'), 'iam'),
    reservedConcurrency: take('reservedConcurrency', oneOf('on', 'off'), 'on'),
    watermarkDelayHours: take('watermarkDelayHours', hoursOrOff, 96),
    pipeline: take('pipeline', anyName, undefined),
    options: Object.fromEntries(
      Object.entries(options).map(([name, option]) => [name, take(name, (text) => option.check(text), option.default)]),
    ),
  };
  wrong.push(...misspelt(given, [...NAMES, ...Object.keys(options)]));
  if (wrong.length > 0) {
    throw new DeploymentError(
      `the deployment's context is not right:\n${wrong.map((line) => `  - ${line}`).join('\n')}`,
    );
  }
  return context;
};

/** The CDK keeps its own values in the same place; their names all hold a character that ours never do. */
const misspelt = (given: Readonly<Record<string, unknown>>, names: readonly string[]): readonly string[] =>
  Object.keys(given)
    .filter((name) => /^[a-zA-Z]+$/u.test(name) && !names.includes(name))
    .flatMap((name) => {
      const meant = nearestName(name, names);
      return meant === undefined ? [] : [`${name} is not a value of ours: did you mean ${meant}?`];
    });

/** The context in a command line of the CDK: `-c name=value`, `--context name=value`. Other options are ignored. */
export const contextOptions = (args: readonly string[]): Readonly<Record<string, string>> => {
  const { values } = parseArgs({
    args: [...args],
    options: { context: { type: 'string', short: 'c', multiple: true } },
    strict: false,
    allowPositionals: true,
  });
  const given = Array.isArray(values.context) ? values.context : [];
  return contextOf(given.filter((text) => typeof text === 'string'));
};

/** The context in values `name=value`; as for the CDK, the last value of a name counts, and text without `=` is ignored. */
export const contextOf = (values: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    values.flatMap((text) => {
      const at = text.indexOf('=');
      return at < 0 ? [] : [[text.slice(0, at), text.slice(at + 1)]];
    }),
  );
