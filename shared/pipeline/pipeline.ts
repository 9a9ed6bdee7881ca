import { isDeepStrictEqual } from 'node:util';
import type { Topology } from '../processor/topology.ts';
import { plainLines } from '../source/input-format.ts';
import { UserError } from '../source/user-error.ts';
import type { Stream } from '../stream/stream.ts';
import type { Demo, DemoData, FunctionOf, Pipeline, PipelineOptions, SomeValues } from './description.ts';
import { defaultsOf, flagOf, type Options, type OptionValues } from './options.ts';
import type { References } from './reference.ts';

/** Describes generated data. */
export const demo = <const Own extends Options>(given: {
  readonly options: Own;
  readonly tryNext?: { readonly args: string; readonly what: string };
  readonly data: FunctionOf<OptionValues<Own>, DemoData>;
}): Demo => given;

/**
 * Describes a pipeline: its topology, and all that belongs to it.
 *
 * Throws a {@link UserError} for a description that cannot work, and says what to change.
 */
export const pipeline = <const Own extends Options = Options, const Refs extends References = References>(
  given: PipelineOptions<Own, Refs>,
): Pipeline => {
  const options: Options = given.options ?? {};
  const { topology } = given;
  const topologyOf: FunctionOf<SomeValues, Topology> = typeof topology === 'function' ? topology : () => topology;
  const sample = topologyOf(defaultsOf(options));
  const { name } = sample;
  const made: Pipeline = {
    name,
    about: given.about ?? `the pipeline ${name}`,
    options,
    inputs: given.inputs ?? [plainLines],
    references: given.references ?? {},
    faultOfReferences: given.faultOfReferences,
    entry: entryOf(sample, given.entry?.stream),
    partitionKeyOf: given.entry?.partitionKeyOf,
    arrivalMs: given.entry?.arrivalMs,
    demo: given.demo,
    live: given.live,
    highlights: given.highlights,
    deployment: given.deployment ?? {},
    topology: topologyOf,
  };
  const faults = [...faultsOf(made, sample)];
  if (faults.length > 0) throw new UserError(`pipeline '${name}': ${faults.join('; ')}`);
  return made;
};

const entryOf = ({ name, sources }: Topology, given: Stream<unknown> | undefined): Stream<unknown> => {
  const names = sources.map((one) => one.name).join(', ');
  const [only, second] = sources;
  if (only === undefined) {
    throw new UserError(`pipeline '${name}' has no input: give its topology a processor that reads a stream`);
  }
  if (given !== undefined) {
    if (sources.includes(given)) return given;
    throw new UserError(
      `pipeline '${name}': records cannot enter by '${given.name}', which is no source; sources are ${names}`,
    );
  }
  if (second === undefined) return only;
  throw new UserError(
    `pipeline '${name}' has several sources (${names}): say by which one records enter, entry: { stream: ... }`,
  );
};

const NAME = /^[a-z][a-zA-Z0-9]*$/u;

/** What the command line and a deployment call their own options. */
const TAKEN: ReadonlySet<string> = new Set([
  ...['alertEmail', 'all', 'apiAuth', 'bucket', 'capacity', 'config', 'context', 'data', 'format', 'fresh', 'from'],
  ...['help', 'host', 'input', 'json', 'limit', 'operationsEmail', 'out', 'pipeline', 'port', 'rate', 'replace'],
  ...['reservedConcurrency', 'retentionHours', 'shards', 'speed', 'stage', 'state', 'stream', 'target', 'version'],
  ...['watermarkDelayHours', 'yes'],
]);

function* faultsOf({ name, options, references, demo: made, inputs }: Pipeline, topology: Topology): Generator<string> {
  if (inputs.length === 0) yield 'inputs is empty: name a format, or leave it out';
  const formats = inputs.map((one) => one.name);
  for (const twice of repeated(formats)) yield `two inputs are called '${twice}': rename one`;
  const files = Object.values(references).flatMap((one) => Object.keys(one.files));
  const names = [...Object.keys(options), ...Object.keys(made?.options ?? {}), ...files];
  for (const one of new Set(names)) {
    if (!NAME.test(one)) yield `'${one}' cannot be an option: names are letters and digits in camel case`;
    if (TAKEN.has(one)) yield `the option '${one}' (${flagOf(one)}) is one of Millrace's own: rename it`;
  }
  for (const twice of repeated(names)) yield `two options are called '${twice}': rename one`;
  for (const [of, { table }] of Object.entries(references)) {
    if (topology.references.includes(table)) continue;
    const known = topology.references.map((one) => one.name).join(', ') || 'none';
    yield `reference '${of}' is of the table '${table.name}', which no processor of ${name} only looks into; those are ${known}`;
  }
  for (const [of, option] of Object.entries(options)) {
    const checked = option.check(String(option.default));
    if (checked.kind === 'good' && isDeepStrictEqual(checked.value, option.default)) continue;
    yield `the default of '${of}' is ${String(option.default)}, which is not allowed${checked.kind === 'wrong' ? `: it must be ${checked.allowed}` : ''}`;
  }
}

const repeated = (names: readonly string[]): ReadonlySet<string> =>
  new Set(names.filter((name, at) => names.indexOf(name) !== at));
