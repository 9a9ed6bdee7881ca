import type { Delivery, DeliveryOutcome, OutputPort } from '../engine/ports.ts';

/** A kind of destination. */
type DeliveryKind = Delivery['kind'];

/** What is delivered to destinations of each kind. */
type DeliveryOf = { readonly [Kind in DeliveryKind]: Extract<Delivery, { readonly kind: Kind }> };

/** Delivers to destinations of one kind: one outcome per delivery, in order. Rejects for a broken machine only. */
export type OutputDriver<Kind extends DeliveryKind> = (
  deliveries: readonly DeliveryOf[Kind][],
) => Promise<readonly DeliveryOutcome[]>;

/** One driver for each kind. Their order is the order in which kinds are delivered. */
export type OutputDrivers = { readonly [Kind in DeliveryKind]: OutputDriver<Kind> };

/**
 * Makes an output port of one driver per kind. A driver is called once per `deliver`, with its deliveries in order, and not at all
 * without any. Kinds go one after the other: where messages to people come last, a crash repeats the fewest of them.
 *
 * @example
 * ```ts ignore
 * outputPort({ stream: kinesisOutput(options), notification: snsOutput(options) }, s3DeadLetters(options));
 * ```
 */
export const outputPort = (drivers: OutputDrivers, deadLetter: OutputPort['deadLetter']): OutputPort => ({
  deadLetter,
  deliver: async (deliveries) => {
    const outcomes = new Map<number, DeliveryOutcome>();
    const call = <Kind extends DeliveryKind>(kind: Kind, own: readonly DeliveryOf[Kind][]) => drivers[kind](own);
    for (const kind of kindsOf(drivers)) {
      const indexes = [...deliveries.keys()].filter((index) => deliveries[index]?.kind === kind);
      if (indexes.length === 0) continue;
      const answers = await call(kind, deliveriesOf(deliveries, kind));
      for (const [at, index] of indexes.entries()) outcomes.set(index, answers[at] ?? 'refused');
    }
    return deliveries.map(({ kind }, index) => {
      const outcome = outcomes.get(index);
      if (outcome === undefined) throw new RangeError(`no driver delivers outputs of the kind '${kind}'; pass one`);
      return outcome;
    });
  },
});

const deliveriesOf = <Kind extends DeliveryKind>(
  deliveries: readonly Delivery[],
  kind: Kind,
): readonly DeliveryOf[Kind][] => deliveries.filter((delivery): delivery is DeliveryOf[Kind] => delivery.kind === kind);

const kindsOf = (drivers: OutputDrivers): readonly DeliveryKind[] =>
  Object.keys(drivers).filter((kind): kind is DeliveryKind => kind in drivers);
