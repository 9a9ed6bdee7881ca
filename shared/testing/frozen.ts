import type { Processor } from '../processor/processor.ts';

/** A processor whose steps are given values that cannot be changed: a step that tries fails here, and not in production. */
export const frozen = (processor: Processor): Processor => {
  const { keyed } = processor;
  return {
    ...processor,
    step: (input) => processor.step(frozenCopy(input)),
    ...(keyed !== undefined && {
      keyed: {
        ...keyed,
        ...(keyed.onTimer !== undefined && { onTimer: (input) => keyed.onTimer?.(frozenCopy(input)) ?? {} }),
      },
    }),
  };
};

const frozenCopy = <Input extends object>(input: Input): Input => {
  for (const part of Object.values(input)) freeze(part);
  return input;
};

/** Plain objects and arrays, at any depth; what has a class of its own looks after itself. */
const freeze = (value: unknown): void => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null) return;
  Object.freeze(value);
  for (const part of Object.values(value)) freeze(part);
};
