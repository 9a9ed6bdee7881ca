import { processor } from '../../shared/processor/processor.ts';
import { parseGhcnLine } from './model/ghcn-line.ts';
import { rawLines, validatedLines, weatherErrors } from './streams.ts';

/** Passes good lines, filters missing values, and sends the rest to the errors with a reason. */
export const validate = processor({
  id: 'weather/validate',
  from: rawLines,
  to: { validated: validatedLines, errors: weatherErrors },
  step: ({ value: line, partitionKey: location }) => {
    const parsed = parseGhcnLine(line);
    switch (parsed.kind) {
      case 'value':
        return { emit: { validated: [line] } };
      case 'missing':
        return { outcome: 'filtered' };
      case 'invalid':
        return { outcome: 'invalid', emit: { errors: [{ reason: parsed.reason, location, line, ...cutMark(line) }] } };
    }
  },
});

/** Producers truncate lines to this: far above any real one, and far below the limit of a stream. */
const MAX_LINE_CHARS = 65_536;

const cutMark = (line: string): { readonly cut?: true } => (line.length < MAX_LINE_CHARS ? {} : { cut: true });
