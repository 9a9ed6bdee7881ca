/** A word or phrase that the project does not use, and what it says instead. */
interface Avoided {
  readonly found: RegExp;
  readonly better: string;
}

/** Words are found in any case and within a line, so that a finding has a place. */
const AVOIDED: readonly Avoided[] = [
  {
    found: /(?<!\b(?:far|fall|falls|furthest|lag|lags) )\bbehind\b(?! (?:the clock|in event time)\b)/iu,
    better: 'after; behind is for what lags',
  },
  { found: /\bfor ever\b/iu, better: 'forever' },
  { found: /\bso many\b/iu, better: 'the number itself, or `limit`' },
  { found: /\breckon/iu, better: 'estimate, calculate, count' },
  { found: /\b(?:give|gives|given|gave|giving) out\b/iu, better: 'emit' },
  { found: /\b(?:is|are|was|were|be|been|being) told\b(?! apart\b)/iu, better: 'reports, is notified, receives' },
  { found: /\bwhoever\b/iu, better: 'the caller, the reader, any instance' },
  { found: /\bsomebody\b/iu, better: 'another writer, another process, a user' },
  { found: /\bnobody\b/iu, better: 'no reader, no consumer, none' },
  { found: /\b(?:stands|stand|stood|lies|lie) in\b(?! (?:for|the way)\b)/iu, better: 'is in' },
  { found: /\bwas faster\b/iu, better: 'another writer won' },
  { found: /\bthe dear side\b/iu, better: 'overestimates' },
  { found: /\bmade[- ]up\b(?! (?:for|of)\b)/iu, better: 'generated' },
  { found: /\b_?(?:MOST|FEWEST|LONGEST|SHORTEST|LEAST|OLDEST|LARGEST|SMALLEST)_/u, better: 'MAX_ or MIN_, unit last' },
  { found: /\b(?:most|fewest|longest|shortest|least|oldest)[A-Z]/u, better: 'max or min, unit last' },
  { found: /\bpatience(?:For)?\b/iu, better: 'RetryPolicy, retryUntil' },
  { found: /\bisPassing\b/u, better: 'isTransient' },
  { found: /\bpaceOf\b/u, better: 'rateLimiter' },
  { found: /\bPortion\b/u, better: 'Chunk' },
  { found: /\bSlotOfKey\b/u, better: 'ConcurrencySlots' },
  { found: /\bHappening\b/u, better: 'MappingEvent' },
  { found: /\bspool\b/iu, better: 'StreamExport' },
  { found: /\bchanceOf\b|\bChance\b/u, better: 'SeededRandom' },
  { found: /\bmadeUp|\bMadeStation\b/u, better: 'generated' },
  { found: /\buntaken(?!Records`)/iu, better: 'unprocessed' },
  { found: /\bFOR_PEOPLE\b/u, better: 'OPERATOR_ERROR' },
  { found: /\bWHYS\b/u, better: 'REMEDIES' },
  { found: /\bNothingToDo\b/u, better: 'HelpShown' },
  { found: /\btame\(/u, better: 'toPlainText' },
  { found: /\bsoil(?:ing)?\b/iu, better: 'corrupt, Corruption' },
  { found: /\bkeep\(letters\b/u, better: 'deadLetter(letters)' },
  { found: /\b(?:LaneWork|HeldLane)\b/u, better: 'partition: a lane is the whole way of a record' },
];

/** Lines that are right as they are, without indentation or the marks of a comment. Kept short. */
const RIGHT_USES: ReadonlySet<string> = new Set([
  "reservation is not there or that the shards have changed behind the stack's back: deploy again. With `-c reservedConcurrency=off`",
]);

const withoutMarks = (line: string): string => line.trim().replace(/^(?:\/\*\*?|\*|\/\/)\s*/u, '');

/**
 * The phrases of a text that the project says differently, a line each: where, what, and the better word.
 *
 * @param path From the project's root, with `/` between folders.
 */
export const englishFindings = (path: string, text: string): readonly string[] =>
  text.split('\n').flatMap((line, index) =>
    RIGHT_USES.has(withoutMarks(line))
      ? []
      : AVOIDED.flatMap(({ found, better }) => {
          const match = found.exec(line);
          return match === null ? [] : [`${path}:${index + 1} says '${match[0]}': ${better}`];
        }),
  );
