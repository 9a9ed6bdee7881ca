import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type LineSplitter, lineSplitter, MAX_LINE_CHARS } from '../../shared/source/line-splitter.ts';

const feed = (splitter: LineSplitter, pieces: readonly Buffer[]): string[] => [
  ...pieces.flatMap((piece) => splitter.split(piece)),
  ...splitter.end(),
];

const linesOf = (content: string | Uint8Array, skipLines = 0): string[] =>
  feed(lineSplitter(skipLines), [Buffer.from(content)]);

const piecesOf = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
};

/** What a line is, said a second time and as simply as can be. */
const expectedLines = (bytes: Buffer): string[] => {
  const lines = bytes.toString('utf8').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line, index) => (index === 0 ? line.replace(/^\ufeff/, '') : line).replace(/\r$/, ''));
};

describe('lines', () => {
  test('a line end closes a line and begins none', () => {
    expect(linesOf('a\nb\n')).toEqual(['a', 'b']);
    expect(linesOf('')).toEqual([]);
  });

  test('the last line counts without a line end', () => {
    expect(linesOf('a\nb')).toEqual(['a', 'b']);
  });

  test('an empty line is a line', () => {
    expect(linesOf('\n\na\n\n')).toEqual(['', '', 'a', '']);
  });

  test('one carriage return before the line end is no part of the line', () => {
    expect(linesOf('a\r\nb\r\r\nc\rd\r')).toEqual(['a', 'b\r', 'c\rd']);
  });

  test('a byte order mark is left out at the start of the file and nowhere else', () => {
    expect(linesOf('\ufeffa\n\ufeffb\n')).toEqual(['a', '\ufeffb']);
  });

  test('NUL stays, and bytes that are not UTF-8 become replacement characters', () => {
    expect(linesOf(Buffer.from([0x61, 0x00, 0xff, 0x62, 0x0a]))).toEqual(['a\u0000\ufffdb']);
  });

  const content = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc
      .array(fc.constantFrom('\n', '\r', '\r\n', 'a', 'é', '😀', '\ufeff', '\u0000'), { maxLength: 40 })
      .map((parts) => Buffer.from(parts.join(''))),
  );

  test('where the bytes are cut into pieces makes no difference', () => {
    fc.assert(
      fc.property(content, fc.array(fc.nat(), { maxLength: 6 }), (bytes, cuts) => {
        expect(feed(lineSplitter(), piecesOf(bytes, cuts))).toEqual(expectedLines(bytes));
      }),
    );
  });

  test('skipping lines gives the rest of the same lines, and counts them all', () => {
    fc.assert(
      fc.property(content, fc.array(fc.nat(), { maxLength: 6 }), fc.nat({ max: 12 }), (bytes, cuts, skipLines) => {
        const splitter = lineSplitter(skipLines);
        const all = expectedLines(bytes);
        expect(feed(splitter, piecesOf(bytes, cuts))).toEqual(all.slice(skipLines));
        expect(splitter.lineCount).toBe(all.length);
      }),
    );
  });

  test('a piece may be overwritten once it was split', () => {
    const splitter = lineSplitter();
    const buffer = Buffer.from('a\nhal');
    expect(splitter.split(buffer)).toEqual(['a']);
    buffer.fill('x');
    expect(splitter.split(Buffer.from('f\n'))).toEqual(['half']);
  });
});

describe('over-long lines', () => {
  test('a line of exactly the limit stays whole', () => {
    const line = 'é'.repeat(MAX_LINE_CHARS);
    expect(linesOf(`${line}\r\nnext\n`)).toEqual([line, 'next']);
  });

  test('a longer line is cut to the limit and the next line is not touched, in one piece or in many', () => {
    const text = Buffer.from(`first\n${'é'.repeat(MAX_LINE_CHARS + 1)}z\r\nnext\n`);
    const expected = ['first', 'é'.repeat(MAX_LINE_CHARS), 'next'];
    expect(linesOf(text)).toEqual(expected);
    const pieces = Array.from({ length: Math.ceil(text.length / 999) }, (_, index) =>
      text.subarray(index * 999, (index + 1) * 999),
    );
    expect(feed(lineSplitter(), pieces)).toEqual(expected);
  });

  test.each(['€', '\ufeff', '\u0800'])(
    'a cut line of three-byte characters (%j) has as many as any other',
    (character) => {
      const [line] = feed(lineSplitter(), [Buffer.from(`a${character.repeat(MAX_LINE_CHARS * 2)}`)]);
      expect(line).toBe(`a${character.repeat(MAX_LINE_CHARS - 1)}`);
    },
  );

  test('the cut tears no surrogate pair', () => {
    const [line] = linesOf(`a${'😀'.repeat(MAX_LINE_CHARS)}`);
    expect(line).toBe(`a${'😀'.repeat((MAX_LINE_CHARS - 2) / 2)}`);
  });

  test('a line of a gigabyte takes no more memory than a short one', () => {
    const splitter = lineSplitter();
    const piece = Buffer.alloc(1_048_576, 'a');
    const before = process.memoryUsage().arrayBuffers;
    let peak = 0;
    for (let mebibytes = 0; mebibytes < 1_024; mebibytes += 1) {
      expect(splitter.split(piece)).toEqual([]);
      peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
    }
    expect(peak).toBeLessThan(16 * 1_048_576);
    expect(splitter.split(Buffer.from('\nnext\n'))).toEqual(['a'.repeat(MAX_LINE_CHARS), 'next']);
  });
});
