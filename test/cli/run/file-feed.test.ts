import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LINE_FORMATS } from '../../../functions/weather/formats/formats.ts';
import type { LineFormat } from '../../../functions/weather/formats/line-format.ts';
import { fileFeed, type FeedFile } from '../../../cli/run/file-feed.ts';
import { FIRST_POSITION, isFilePosition, type FilePosition } from '../../../cli/run/file-feed.ts';
import type { Chunk } from '../../../cli/run/source.ts';
import { tempFiles } from '../input/temp-files.ts';

const files = tempFiles();

const written = (content: string | Uint8Array): FeedFile => ({
  path: files.write(content),
  sizeBytes: content.length,
  content: 'text',
});

const allOf = async (
  some: readonly FeedFile[],
  format: LineFormat,
  chunkRecords: number,
  from: FilePosition = FIRST_POSITION,
): Promise<readonly Chunk<FilePosition>[]> => {
  const chunks: Chunk<FilePosition>[] = [];
  for await (const chunk of fileFeed({ files: some, format, chunkRecords, from })) chunks.push(chunk);
  return chunks;
};

const dlyLine = (station: number, month: number, element: string): string =>
  `USC0000000${String(station)}2016${String(month).padStart(2, '0')}${element}${'   11  7'.repeat(31)}`;

const dlyLines = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), fc.constantFrom('TMAX', 'TMIN'))
        .map((one) => dlyLine(...one)),
    },
    { weight: 1, arbitrary: fc.constantFrom('', 'not a line') },
  ),
  { maxLength: 12 },
);

describe('what a feed gives behind a noted position is what it gave behind it before', () => {
  test.each(LINE_FORMATS.map((format) => [format.name, format] as const))('%s', async (_name, format) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(dlyLines, { maxLength: 3 }),
        fc.constantFrom(7, 60, 300),
        async (contents, chunkRecords) => {
          const some = contents.map((lines) => written(lines.map((line) => `${line}\n`).join('')));
          const all = await allOf(some, format, chunkRecords);
          for (const [at, { position }] of all.entries()) {
            const noted: unknown = JSON.parse(JSON.stringify(position));
            if (!isFilePosition(noted)) throw new TypeError('a position does not survive being noted');
            expect(await allOf(some, format, chunkRecords, noted)).toEqual(all.slice(at + 1));
          }
        },
      ),
      { numRuns: 15 },
    );
  });
});

test('chunks have as many records as asked for, but for the last one of a file, and count lines and records', async () => {
  const csv = LINE_FORMATS[0];
  const chunks = await allOf([written('a\nb\nc\nd\ne\n'), written('f\ng')], csv, 2);
  expect(chunks.map(({ records }) => records)).toEqual([['a', 'b'], ['c', 'd'], ['e'], ['f', 'g'], []]);
  expect(chunks.at(-1)?.position).toMatchObject({
    file: 2,
    taken: 0,
    lines: 7,
    records: 7,
    doneBytes: 13,
    damaged: [],
  });
});

test('the damage of a file is noted with the position behind it', async () => {
  const broken = written(Buffer.from('1f8b08000000000000ff', 'hex'));
  const chunks = await allOf([broken, written('a\n')], LINE_FORMATS[0], 10);
  expect(chunks.flatMap(({ records }) => records)).toEqual(['a']);
  expect(chunks.at(-1)?.position.damaged).toEqual([{ file: broken.path, atLine: 1, reason: expect.any(String) }]);
});
