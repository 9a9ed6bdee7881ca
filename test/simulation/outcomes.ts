import type { Topology } from '../../shared/processor/topology.ts';

/** What the steps of a topology made of each value: every attempt must come to the same. */
export class Outcomes {
  readonly #processors = new Map<string, Map<string, Set<string>>>();

  enter(processor: string, value: unknown, outcome: string): void {
    const values = this.#processors.get(processor) ?? new Map<string, Set<string>>();
    this.#processors.set(processor, values);
    const id = JSON.stringify(value);
    const outcomes = values.get(id) ?? new Set<string>();
    values.set(id, outcomes.add(outcome));
  }

  /** By `processor value`: more than one outcome where attempts differed. */
  all(): ReadonlyMap<string, ReadonlySet<string>> {
    return new Map(
      [...this.#processors].flatMap(([processor, values]) =>
        [...values].map(([value, outcomes]) => [`${processor} ${value}`, outcomes] as const),
      ),
    );
  }

  /** How many values of a processor came to this outcome. */
  count(processor: string, outcome: string): number {
    const values = [...(this.#processors.get(processor)?.values() ?? [])];
    return values.filter((outcomes) => outcomes.has(outcome)).length;
  }
}

/** The topology, with steps that enter what they come to. No value may come twice in the input of a processor. */
export const observed = (topology: Topology, outcomes: Outcomes): Topology => ({
  ...topology,
  processors: topology.processors.map((processor) => ({
    ...processor,
    step: (input) => {
      try {
        const result = processor.step(input);
        outcomes.enter(processor.id, input.value, result.outcome ?? 'applied');
        return result;
      } catch (thrown) {
        if (processor.onFault === 'dead-letter') outcomes.enter(processor.id, input.value, 'deadLettered');
        throw thrown;
      }
    },
  })),
});
