import type { Processor } from '../../processor/processor.ts';
import type { FunctionEnvironment } from './environment.ts';

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
