import type { FailureDestination } from '../../shared/runtime/local/mapping/failure-destination.ts';
import type { MappingObserver } from '../../shared/runtime/local/mapping/mapping-events.ts';
import { givenUpLetters } from '../../shared/runtime/given-up.ts';
import {
  accountOf,
  holdingsOf,
  idsIn,
  lateWithoutCause,
  lettersWithoutCause,
  wrongNotices,
} from './check/parcel-account.ts';
import type { Verdict } from './check/verdict.ts';
import { lettersOf, redriveAll } from './redrive.ts';
import type { ParcelInput } from './scenario/parcel-scenario.ts';
import type { World } from './world/world.ts';

const HOUR_MS = 3_600_000;

/** What may happen between two turns of a run that is not compared: a table edited, new code, hours of silence. */
export const endure = (world: World, parcels: ParcelInput, isDrained: boolean): void => {
  const { chance, counts, hardships } = world;
  if (chance.yes(hardships.edit)) {
    counts.add('table edited');
    world.trace.say(parcels.edit(world.nowMs));
  }
  if (world.code.version === 1 && chance.yes(hardships.redeploy)) {
    counts.add('redeploy');
    world.trace.say('version 2 is deployed');
    world.code.version = 2;
  }
  if (isDrained && chance.yes(hardships.silence)) {
    counts.add('silence of hours');
    world.fallIdle(chance.between(1, 12) * HOUR_MS);
    world.sweepWithCare();
  }
};

/** Takes what a mapping gives up; sometimes its document is refused. */
export const onGivenUp = (
  world: World,
): { readonly onFailure: FailureDestination; readonly observe: MappingObserver } => {
  // Several may be refused before the first of them is reported.
  const refused = new Set<string>();
  return {
    onFailure: {
      kind: 's3',
      put: async (_key, document) => {
        const { topology, outputs } = world.runtime;
        const [, id] = /"functionArn":"[^"]*:function:([^"]+)"/.exec(document) ?? [];
        const processor = topology.processors.find((one) => one.id === id);
        if (processor === undefined) throw new TypeError(`no processor gave this up: ${document.slice(0, 200)}`);
        const letters = givenUpLetters(document, processor);
        if (world.wants(world.hardships.documentRefused)) {
          for (const { payload } of letters) for (const id of idsIn(Buffer.from(payload, 'base64'))) refused.add(id);
          throw new Error('the bucket refuses the document');
        }
        await outputs.deadLetter(letters);
      },
    },
    observe: (event) => {
      if (event.kind === 'discarded') {
        world.counts.add(`given up: ${event.condition}`, event.records);
        world.trace.say(`${String(event.records)} records are given up: ${event.condition}`);
      }
      if (event.kind !== 'destination-failed') return;
      world.counts.add(event.dueMs === undefined ? 'given up, document lost' : 'given up, document refused at first');
      if (event.dueMs === undefined) for (const id of refused) world.dropped.add(id);
    },
  };
};

/** Whether each parcel is in each state once, or named by a dead letter; and again after all letters were redriven. */
export const judge = async (
  world: World,
  { sent, rules, counts }: ParcelInput,
  comeToRest: () => Promise<void>,
): Promise<Verdict> => {
  const { runtime, dropped } = world;
  const letters = lettersOf(runtime);
  const parts = { sent, holdings: await holdingsOf(runtime), letters, dropped };
  const before = accountOf(parts);
  const notices = wrongNotices(parts, (arrivalMs) => rules.at(arrivalMs));
  const causeless = [...lettersWithoutCause(letters, sent), ...lateWithoutCause(runtime, parts, world.longestWorkMs)];
  world.trace.say('all dead letters are redriven');
  const redriven = await redriveAll(runtime, () => world.nowMs, comeToRest);
  await runtime.flush();
  await comeToRest();
  const after = accountOf({ sent, holdings: await holdingsOf(runtime), letters: redriven.left, dropped });
  for (const [name, times] of counts) world.counts.add(name, times);
  for (const [kind, times] of redriven.counts) world.counts.add(`redriven letter: ${kind}`, times);
  return {
    lost: [...before.lost, ...after.lost.map((text) => `after redriving, ${text}`)],
    doubled: [...before.doubled, ...after.doubled.map((text) => `after redriving, ${text}`)],
    different: [...causeless, ...notices, ...redriven.wrong],
  };
};
