import { digests, type Note } from './emission.ts';
import type { LaneWork } from './lane-work.ts';
import type { OutputPort } from './ports.ts';

/**
 * Emits what the lanes give out, before anything of them is committed: streams first, then dead letters, then messages to
 * people, whose crash window is so the shortest. A lane of which something cannot be written is abandoned. Returns how
 * many records and messages were written.
 */
export const emitLanes = async (lanes: readonly LaneWork[], outputs: OutputPort): Promise<number> => {
  let emitted = 0;

  const units = lanes.flatMap((lane) => lane.emission.units().map((unit) => ({ lane, unit })));
  if (units.length > 0) {
    const written = await outputs.put(units.map(({ unit }) => unit));
    for (const [index, { lane, unit }] of units.entries()) {
      if (written[index] === true) emitted += unit.payloads.length;
      else lane.abandon(`stream '${unit.stream}' did not take its records`);
    }
  }

  const letters = lanes.flatMap((lane) => lane.deadLetters.map((letter) => ({ lane, letter })));
  if (letters.length > 0) {
    const kept = await outputs.keep(letters.map(({ letter }) => letter));
    for (const [index, { lane }] of letters.entries()) {
      if (kept[index] !== true) lane.abandon('a dead letter of it could not be kept');
    }
  }
  abandonSharers(lanes);

  const notes = lanes.filter(({ incomplete }) => !incomplete).flatMap((lane) => lane.emission.notes());
  if (notes.length > 0) {
    const dispatches = digests(notes);
    const sent = await outputs.notify(dispatches);
    for (const [index, { notification, message }] of dispatches.entries()) {
      if (sent[index] === true) emitted += 1;
      else abandonSenders(lanes, (note) => note.target.name === notification && note.recipient === message.to);
    }
    abandonSharers(lanes);
  }
  return emitted;
};

const abandonSenders = (lanes: readonly LaneWork[], sent: (note: Note) => boolean): void => {
  for (const lane of lanes) {
    if (lane.emission.notes().some(sent)) lane.abandon('a notification of it could not be sent');
  }
};

/** A state key that an abandoned lane has changed cannot be written, so the lanes that share it are abandoned with it. */
const abandonSharers = (lanes: readonly LaneWork[]): void => {
  let again = lanes.some(({ incomplete }) => incomplete);
  while (again) {
    again = false;
    const tainted = new Set(
      lanes.filter(({ incomplete }) => incomplete).flatMap(({ events }) => events.map(({ work }) => work)),
    );
    for (const lane of lanes) {
      if (lane.incomplete || ![...lane.works.values()].some((work) => tainted.has(work))) continue;
      lane.abandon('it shares a state key with a lane that is held');
      again = true;
    }
  }
};
