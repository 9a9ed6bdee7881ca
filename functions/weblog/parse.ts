import { processor } from '../../shared/index.ts';
import { parseLogLine, type InvalidReason } from './log-line.ts';
import { invalidLines, rawLines, requests, type InvalidLine } from './streams.ts';

/** Further ahead of its arrival no honest clock is, whatever its time zone. */
const MAX_AHEAD_MS = 24 * 3_600_000;

/** Makes requests of lines, filters headers, and sends the rest to the invalid lines with a reason. */
export const parse = processor({
  id: 'weblog/parse',
  from: rawLines,
  to: { requests, invalid: invalidLines },
  // Raw lines have no event time, so `timeMs` is when the line arrived.
  step: ({ value: line, timeMs: arrivalMs }) => {
    const parsed = parseLogLine(line);
    if (parsed.kind === 'header') return { outcome: 'filtered' };
    if (parsed.kind === 'invalid') return refused(line, parsed.reason);
    const { request } = parsed;
    return request.timeMs > arrivalMs + MAX_AHEAD_MS ? refused(line, 'time-ahead') : { emit: { requests: [request] } };
  },
});

const MAX_SHOWN_CHARS = 1_000;

interface Refusal {
  readonly outcome: 'invalid';
  readonly emit: { readonly invalid: readonly InvalidLine[] };
}

const refused = (line: string, reason: InvalidReason): Refusal => ({
  outcome: 'invalid',
  emit: { invalid: [{ reason, line: line.slice(0, MAX_SHOWN_CHARS).toWellFormed() }] },
});
