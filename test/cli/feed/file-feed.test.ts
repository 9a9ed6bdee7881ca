import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LINE_FORMATS } from '../../../functions/weather/formats/formats.ts';
import type { LineFormat } from '../../../functions/weather/formats/line-format.ts';
import { fileFeed, type FeedFile } from '../../../cli/feed/file-feed.ts';
import { FIRST_POSITION, isFilePosition, type FilePosition } from '../../../cli/feed/file-position.ts';
import type { Portion } from '../../../cli/feed/portion.ts';
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
  portionRecords: number,
  from: FilePosition = FIRST_POSITION,
): Promise<readonly Portion<FilePosition>[]> => {
  const portions: Portion<FilePosition>[] = [];
  for await (const portion of fileFeed({ files: some, format, portionRecords, from })) portions.push(portion);
  return portions;
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
        async (contents, portionRecords) => {
          const some = contents.map((lines) => written(lines.map((line) => `${line}\n`).join('')));
          const all = await allOf(some, format, portionRecords);
          for (const [at, { position }] of all.entries()) {
            const noted: unknown = JSON.parse(JSON.stringify(position));
            if (!isFilePosition(noted)) throw new TypeError('a position does not survive being noted');
            expect(await allOf(some, format, portionRecords, noted)).toEqual(all.slice(at + 1));
          }
        },
      ),
      { numRuns: 15 },
    );
  });
});

test('portions have as many records as asked for, but for the last one of a file, and count lines and records', async () => {
  const csv = LINE_FORMATS[0];
  const portions = await allOf([written('a\nb\nc\nd\ne\n'), written('f\ng')], csv, 2);
  expect(portions.map(({ records }) => records)).toEqual([['a', 'b'], ['c', 'd'], ['e'], ['f', 'g'], []]);
  expect(portions.at(-1)?.position).toMatchObject({
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
  const portions = await allOf([broken, written('a\n')], LINE_FORMATS[0], 10);
  expect(portions.flatMap(({ records }) => records)).toEqual(['a']);
  expect(portions.at(-1)?.position.damaged).toEqual([{ file: broken.path, atLine: 1, reason: expect.any(String) }]);
});
