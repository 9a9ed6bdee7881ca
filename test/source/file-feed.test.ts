import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LINE_FORMATS } from '../../functions/weather/formats/formats.ts';
import type { InputFormat } from '../../shared/source/input-format.ts';
import { fileFeed, type FeedFile } from '../../shared/source/file-feed.ts';
import { FIRST_POSITION, isFilePosition, type FilePosition } from '../../shared/source/file-feed.ts';
import type { Chunk } from '../../shared/source/source.ts';
import { tempFiles } from './temp-files.ts';

const files = tempFiles();

const written = (content: string | Uint8Array): FeedFile => ({
  path: files.write(content),
  sizeBytes: content.length,
  content: 'text',
});

const allOf = async (
  some: readonly FeedFile[],
  format: InputFormat,
  chunkRecords: number,
  from: FilePosition = FIRST_POSITION,
): Promise<readonly Chunk<FilePosition>[]> => {
  const chunks: Chunk<FilePosition>[] = [];
  for await (const chunk of fileFeed({ files: some, format, chunkRecords, from, remedy: 'begin anew' }))
    chunks.push(chunk);
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

describe('what a feed gives after a noted position is what it gave after it before', () => {
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

test('chunks have as many records as asked for, whatever file they are of, and count lines and records', async () => {
  const csv = LINE_FORMATS[0];
  const small = [written('a\nb\nc\nd\ne\n'), written('f\ng'), written(''), written('h\n')];
  const chunks = await allOf(small, csv, 3);
  expect(chunks.map(({ records }) => records)).toEqual([
    ['a', 'b', 'c'],
    ['d', 'e', 'f'],
    ['g', 'h'],
  ]);
  expect(chunks[1]?.position).toMatchObject({ file: 1, taken: 1, lines: 5, records: 6 });
  expect(chunks.at(-1)?.position).toMatchObject({
    file: 4,
    taken: 0,
    lines: 8,
    records: 8,
    doneBytes: 15,
    damaged: [],
  });
});

describe('an input that was changed between two runs is noticed before anything of it is taken', () => {
  const csv = LINE_FORMATS[0];
  const lines = Array.from({ length: 40_000 }, (_, at) => `line ${String(Math.imul(at, 0x9e3779b1) >>> 0)}\n`);
  const text = lines.join('');
  const edited = (at: number): string => `${text.slice(0, at)}#${text.slice(at + 1)}`;

  test.each([
    ['plain', (content: string) => Buffer.from(content)],
    ['gzip', (content: string) => gzipSync(content)],
  ])('%s', async (_name, form) => {
    const file = written(form(text));
    const noted = (await allOf([file], csv, 20_000))[0]?.position;
    if (noted === undefined) throw new Error('the feed gave nothing');
    const after = async (content: string): Promise<readonly string[]> => {
      writeFileSync(file.path, form(content));
      return (await allOf([file], csv, 20_000, noted)).flatMap(({ records }) => records);
    };
    expect(await after(text)).toHaveLength(20_000);
    await expect(after(edited(200_000))).rejects.toThrow(/changed after it was read: .*put it back, or begin anew/);
  });

  test('what was not read yet may change, as it would between two runs over it', async () => {
    const file = written(text);
    const noted = (await allOf([file], csv, 5_000))[0]?.position;
    writeFileSync(file.path, edited(text.length - 20));
    const chunks = await allOf([file], csv, 5_000, noted);
    expect(chunks.flatMap(({ records }) => records)).toHaveLength(35_000);
  });

  test('a file that was read to its end, by its number', async () => {
    const [first, second] = [written(text), written(text)];
    const noted = (await allOf([first, second], csv, 30_000)).at(-1)?.position;
    writeFileSync(second.path, edited(70_000));
    await expect(allOf([first, second], csv, 30_000, noted)).rejects.toThrow(/one of the first 2 inputs was changed/);
  });
});

test('the damage of a file is noted with the position after it', async () => {
  const broken = written(Buffer.from('1f8b08000000000000ff', 'hex'));
  const chunks = await allOf([broken, written('a\n')], LINE_FORMATS[0], 10);
  expect(chunks.flatMap(({ records }) => records)).toEqual(['a']);
  expect(chunks.at(-1)?.position.damaged).toEqual([{ file: broken.path, atLine: 1, reason: expect.any(String) }]);
});
