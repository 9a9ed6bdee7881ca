import type { Outputs } from '../processor/outputs.ts';
import type { Keyed, Processor, StepResult } from '../processor/processor.ts';
import { sortableTime, timerLane } from '../stream/origin.ts';
import type { DeadLetter } from './dead-letter.ts';
import { stepFault, type Event, type Fault } from './event.ts';
import type { KeyWork } from './key-work.ts';
import type { LaneWork } from './lane-work.ts';
import type { TablesFor } from './lookups.ts';
import { TimerQueue } from './timer-queue.ts';

/** A record that claims to be of the far future must not make all that follows late: it moves the watermark by this only. */
const MAX_AHEAD_OF_ARRIVAL_MS = 86_400_000;

/**
 * Applies the events of a lane in order, in memory. With `only`, the events of all other keys just move the watermark, as
 * they did before.
 *
 * A timer fires as soon as event time has come so far, between two events, so that it makes no difference where a batch
 * ends. All keys whose timer may come due must be loaded.
 */
export const foldLane = (processor: Processor, lane: LaneWork, tablesFor: TablesFor, only?: KeyWork): void => {
  const { keyed } = processor;
  const timers =
    keyed?.timers === undefined ? undefined : new TimerQueue(only === undefined ? lane.works.values() : [only]);
  const graceMs = keyed?.timers?.graceMs ?? 0;
  let watermarkMs = lane.progress?.watermarkMs ?? -Infinity;
  let index = -1;
  for (const event of lane.events) {
    index += 1;
    if (index === lane.stopsAt) break;
    if (timers !== undefined && keyed !== undefined && timers.nextMs <= watermarkMs - graceMs) {
      fireDue(processor, keyed, lane, timers, watermarkMs - graceMs);
    }
    const { work } = event;
    if (only === undefined || work === only) {
      const timerMs = work?.timerMs;
      const outcome = applyEvent(processor, lane, index, event, watermarkMs, tablesFor);
      if (outcome === 'held') break;
      event.outcome = outcome;
      if (work !== undefined && work.timerMs !== timerMs) timers?.enter(work);
    }
    if (timers !== undefined && event.fault?.reason !== 'undecodable') {
      const timeMs = eventTimeOf(event);
      if (timeMs > watermarkMs) watermarkMs = timeMs;
    }
  }
  if (timers === undefined || keyed === undefined) return;
  fireDue(processor, keyed, lane, timers, watermarkMs - graceMs);
  lane.watermarkMs = watermarkMs;
};

/** How far an event moves event time. */
const eventTimeOf = ({ timeMs, record }: Event): number => Math.min(timeMs, record.arrivalMs + MAX_AHEAD_OF_ARRIVAL_MS);

/** How far event time may come in a lane by the end of a batch; -Infinity if it stays where it was. */
export const reachOf = (lane: LaneWork): number => {
  let reachMs = -Infinity;
  for (const event of lane.events) {
    if (event.fault?.reason !== 'undecodable') reachMs = Math.max(reachMs, eventTimeOf(event));
  }
  return reachMs > (lane.progress?.watermarkMs ?? -Infinity) ? reachMs : -Infinity;
};

const applyEvent = (
  processor: Processor,
  lane: LaneWork,
  index: number,
  event: Event,
  watermarkMs: number,
  tablesFor: TablesFor,
): Event['outcome'] => {
  const { work } = event;
  if (work?.hasApplied(event.lane, event.position) === true) return 'duplicate';
  // A fault of the step is not kept with the event: on other state, after a lost write, the step may well take it.
  let { fault } = event;
  if (fault === undefined) {
    try {
      const result = processor.step({
        value: event.value,
        state: work?.state,
        key: work?.address.key ?? lane.partitionKey,
        partitionKey: lane.partitionKey,
        timeMs: event.timeMs,
        watermarkMs,
        tables: tablesFor(event.value),
      });
      checkTimer(result);
      if (result.emit !== undefined) lane.emission.take(result.emit, event.lane, event.position, event.timeMs);
      if (work !== undefined) {
        settle(work, result);
        work.markApplied(event.position);
      }
      return result.outcome ?? 'applied';
    } catch (thrown) {
      fault = stepFault(thrown);
    }
  }
  if (fault.reason === 'step-failed' && processor.onFault === 'hold') {
    lane.holdFrom(index, fault.error);
    return 'held';
  }
  lane.deadLetters.push(deadLetterOf(processor, lane.partitionKey, event, fault));
  work?.markApplied(event.position);
  return 'deadLettered';
};

/** What no store takes must not be tried for ever: it is a fault of the step, like one that throws. */
const checkTimer = ({ timerMs }: StepResult<unknown, Outputs>): void => {
  if (timerMs === undefined || timerMs === 'none' || Number.isSafeInteger(timerMs)) return;
  throw new RangeError(
    `a timer is due at a whole number of milliseconds since 1970, got ${String(timerMs)}; 'none' takes it away`,
  );
};

const settle = (work: KeyWork, result: StepResult<unknown, Outputs>): void => {
  if (result.state !== undefined) work.state = result.state;
  if (result.timerMs === 'none') work.timerMs = undefined;
  else if (result.timerMs !== undefined) work.setTimer(result.timerMs);
};

/**
 * Fires what is due at `dueMs` among the keys of a lane, in the order of due time, then key. What a timer gives out stands
 * in a lane of its key's own, so it is the same record whoever fires it. Returns the last due time; -Infinity for none.
 */
export const fireTimers = (processor: Processor, keyed: Keyed, lane: LaneWork, dueMs: number): number =>
  fireDue(processor, keyed, lane, new TimerQueue(lane.works.values()), dueMs);

const fireDue = (processor: Processor, keyed: Keyed, lane: LaneWork, timers: TimerQueue, dueMs: number): number => {
  let lastMs = -Infinity;
  for (let work = timers.takeDue(dueMs); work !== undefined; work = timers.takeDue(dueMs)) {
    lastMs = work.timerMs ?? lastMs;
    fireTimer(processor, keyed, lane, work, lastMs);
    timers.enter(work);
  }
  return lastMs;
};

/**
 * Fires one timer. What goes wrong is kept as a dead letter, and whatever of the answer is good is taken: a window that cannot
 * be closed must not keep the next one open. There is no lane to hold, because no record asked for it.
 */
const fireTimer = (processor: Processor, keyed: Keyed, lane: LaneWork, work: KeyWork, timerMs: number): void => {
  const { key } = work.address;
  const origin = { lane: timerLane(lane.partitionKey, key), position: sortableTime(timerMs) };
  const before = work.state;
  work.markFired(timerMs);
  const fail = (thrown: unknown): void => {
    lane.deadLetters.push({
      ...origin,
      ...stepFault(thrown),
      processor: processor.id,
      stream: processor.from.name,
      partitionKey: lane.partitionKey,
      sequenceNumber: '',
      payload: Buffer.from(JSON.stringify({ key, timerMs, state: before }), 'utf8').toString('base64'),
    });
  };
  try {
    const result = keyed.onTimer?.({ state: work.state, key, partitionKey: lane.partitionKey, timerMs }) ?? {};
    checkTimer(result);
    if (typeof result.timerMs === 'number' && result.timerMs <= timerMs) {
      throw new RangeError(
        `timer of key '${key}' must move forward: it fired at ${String(timerMs)} and asked for ${String(result.timerMs)}`,
      );
    }
    settle(work, result);
    if (result.fault !== undefined) fail(result.fault);
    if (result.emit !== undefined) lane.emission.take(result.emit, origin.lane, origin.position, timerMs);
  } catch (thrown) {
    fail(thrown);
  }
};

const deadLetterOf = (processor: Processor, partitionKey: string, event: Event, fault: Fault): DeadLetter => ({
  lane: event.lane,
  position: event.position,
  ...fault,
  processor: processor.id,
  stream: processor.from.name,
  partitionKey,
  sequenceNumber: event.record.sequenceNumber,
  payload: Buffer.from(event.payload).toString('base64'),
});
