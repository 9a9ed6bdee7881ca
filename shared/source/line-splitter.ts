/** Longest line that is given whole, in UTF-16 units; of a longer one only that much is kept. */
export const MAX_LINE_CHARS = 65_536;

// Three bytes are the most UTF-8 takes for one UTF-16 unit; the rest is for a BOM and a character cut in two.
const MAX_HELD_BYTES = MAX_LINE_CHARS * 3 + 8;
const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = 0xfeff;

/** Cuts the bytes of one file into lines. */
export interface LineSplitter {
  /** Lines seen up to now, the skipped ones included. */
  readonly lineCount: number;
  /** Takes the next bytes and gives the lines that end in them. The bytes may be overwritten afterwards. */
  split(bytes: Buffer): string[];
  /** Gives the last line where no line end follows it. */
  end(): string[];
}

/**
 * Cuts UTF-8 text at each `\n`, however the bytes come in pieces, and leaves out the first `skipLines` lines.
 *
 * One `\r` before the line end is no part of the line, nor is a byte order mark at the very start. Bytes that are not UTF-8
 * become replacement characters; NUL is kept. A line of more than 65,536 UTF-16 units is cut to that many (one fewer where a
 * surrogate pair would be torn), and no more than about three times as many bytes of it are ever held.
 */
export const lineSplitter = (skipLines = 0): LineSplitter => {
  let lineCount = 0;
  let held: Buffer[] = [];
  let heldBytes = 0;
  let isInLine = false;

  const hold = (bytes: Buffer): void => {
    if (bytes.length === 0) return;
    isInLine = true;
    if (lineCount < skipLines || heldBytes === MAX_HELD_BYTES) return;
    // A copy, because the caller reads its next bytes into the same buffer.
    const copy = Buffer.from(bytes.subarray(0, MAX_HELD_BYTES - heldBytes));
    held.push(copy);
    heldBytes += copy.length;
  };

  const takeHeld = (): string => {
    const line = Buffer.concat(held, heldBytes).toString('utf8');
    held = [];
    heldBytes = 0;
    isInLine = false;
    return cleaned(lineCount === 0 && line.charCodeAt(0) === BYTE_ORDER_MARK ? line.slice(1) : line);
  };

  /** Where the first line begins that is wanted; -1 where none begins in these bytes. */
  const skipIn = (bytes: Buffer): number => {
    let at = 0;
    while (lineCount < skipLines) {
      const newline = bytes.indexOf(NEWLINE, at);
      if (newline === -1) {
        isInLine ||= at < bytes.length;
        return -1;
      }
      lineCount += 1;
      isInLine = false;
      at = newline + 1;
    }
    return at;
  };

  return {
    get lineCount() {
      return lineCount;
    },
    split: (bytes) => {
      const from = lineCount < skipLines ? skipIn(bytes) : 0;
      if (from === -1) return [];
      const first = bytes.indexOf(NEWLINE, from);
      if (first === -1) {
        hold(bytes.subarray(from));
        return [];
      }
      hold(bytes.subarray(from, first));
      const lines = [takeHeld()];
      const last = bytes.lastIndexOf(NEWLINE);
      if (last > first) for (const line of linesOf(bytes.toString('utf8', first + 1, last))) lines.push(line);
      lineCount += lines.length;
      hold(bytes.subarray(last + 1));
      return lines;
    },
    end: () => {
      if (!isInLine) return [];
      const isSkipped = lineCount < skipLines;
      const line = takeHeld();
      lineCount += 1;
      return isSkipped ? [] : [line];
    },
  };
};

const linesOf = (text: string): string[] => {
  const lines = text.split('\n');
  const needsCleaning = text.includes('\r') || (text.length > MAX_LINE_CHARS && lines.some(isTooLong));
  return needsCleaning ? lines.map(cleaned) : lines;
};

const isTooLong = (line: string): boolean => line.length > MAX_LINE_CHARS;

const cleaned = (line: string): string => {
  const whole = line.endsWith('\r') ? line.slice(0, -1) : line;
  if (!isTooLong(whole)) return whole;
  const lastCode = whole.charCodeAt(MAX_LINE_CHARS - 1);
  const tearsPair = lastCode >= 0xd800 && lastCode <= 0xdbff;
  return whole.slice(0, tearsPair ? MAX_LINE_CHARS - 1 : MAX_LINE_CHARS);
};
