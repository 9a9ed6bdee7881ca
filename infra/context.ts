import { isEmailAddress } from '../functions/weather/model/email-address.ts';
import { isStageName, STAGE_NAMES } from '../shared/runtime/deployment/stage-name.ts';
import { DeploymentError } from './deployment-error.ts';
import { nearestName } from './nearest-name.ts';

/** What is chosen about a deployment: `-c name=value`, or `context` of `cdk.json`. */
export interface DeploymentContext {
  /** Where to: AWS, or an endpoint on this machine that speaks AWS. */
  readonly target: 'aws' | 'local';
  /** Tells deployments of one topology in one account apart. Outside of `dev` data outlives the stack. */
  readonly stage: string;
  readonly capacity: 'provisioned' | 'on-demand';
  /** Of each stream with provisioned capacity. */
  readonly shards: number;
  readonly retentionHours: number;
  /** Who gets the alerts of the rules that name them. */
  readonly alertEmail: readonly string[];
  /** Who is told when the deployment itself needs somebody. */
  readonly operationsEmail: readonly string[];
  /** For how many days of event time a day stays open after its end. */
  readonly graceDays: number;
  /** Who may read the query API; what changes something is always signed. */
  readonly apiAuth: 'iam' | 'none';
  /** Whether functions have concurrency of their own, taken from what the account has. */
  readonly reservedConcurrency: 'on' | 'off';
  /** How far event time may be behind the clock before somebody is told; undefined: as far as it likes. */
  readonly watermarkDelayHours: number | undefined;
}

type Checked<Value> =
  { readonly kind: 'good'; readonly value: Value } | { readonly kind: 'wrong'; readonly allowed: string };

type Check<Value> = (text: string) => Checked<Value>;

const good = <Value>(value: Value): Checked<Value> => ({ kind: 'good', value });

const oneOf =
  <const Choice extends string>(...choices: readonly Choice[]): Check<Choice> =>
  (text) => {
    const chosen = choices.find((choice) => choice === text);
    return chosen === undefined ? { kind: 'wrong', allowed: choices.join(' or ') } : good(chosen);
  };

const wholeNumber =
  (lowest: number, highest: number): Check<number> =>
  (text) =>
    /^\d{1,9}$/u.test(text) && Number(text) >= lowest && Number(text) <= highest
      ? good(Number(text))
      : { kind: 'wrong', allowed: `a whole number from ${String(lowest)} to ${String(highest)}` };

const addresses: Check<readonly string[]> = (text) => {
  const all = text === '' ? [] : text.split(',').map((one) => one.trim());
  return all.every(isEmailAddress)
    ? good([...new Set(all)])
    : { kind: 'wrong', allowed: 'e-mail addresses with commas between them, such as a@b.c,d@e.f' };
};

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
  'graceDays',
  'apiAuth',
  'reservedConcurrency',
  'watermarkDelayHours',
] as const satisfies readonly (keyof DeploymentContext)[];

/**
 * Reads the context of a deployment and checks all of it.
 *
 * Throws one {@link DeploymentError} that tells of every wrong value and of every misspelt name: what was given, what is
 * allowed and what to do.
 */
export const readContext = (all: unknown): DeploymentContext => {
  const given: Readonly<Record<string, unknown>> = typeof all === 'object' && all !== null ? { ...all } : {};
  const wrong: string[] = [];
  const take = <Value>(name: (typeof NAMES)[number], check: Check<Value>, preset: Value): Value => {
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
    graceDays: take('graceDays', wholeNumber(0, 366), 1),
    apiAuth: take('apiAuth', oneOf('iam', 'none'), 'iam'),
    reservedConcurrency: take('reservedConcurrency', oneOf('on', 'off'), 'on'),
    watermarkDelayHours: take('watermarkDelayHours', hoursOrOff, 96),
  };
  wrong.push(...misspelt(given));
  if (wrong.length > 0) {
    throw new DeploymentError(
      `the deployment's context is not right:\n${wrong.map((line) => `  - ${line}`).join('\n')}`,
    );
  }
  return context;
};

/** The CDK keeps its own values in the same place; all of them have a sign in their name that ours do not have. */
const misspelt = (given: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.keys(given)
    .filter((name) => /^[a-zA-Z]+$/u.test(name) && !NAMES.some((known) => known === name))
    .flatMap((name) => {
      const meant = nearestName(name, NAMES);
      return meant === undefined ? [] : [`${name} is no value of ours: did you mean ${meant}?`];
    });

/** Whether data must outlive a mistake: on AWS, in every stage but `dev`. */
export const keepsData = ({ target, stage }: Pick<DeploymentContext, 'target' | 'stage'>): boolean =>
  target === 'aws' && stage !== 'dev';
