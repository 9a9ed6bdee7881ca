import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { InputError } from '../../shared/source/user-error.ts';
import { readLines } from '../../shared/source/read-lines.ts';
import { describeWithData } from '../support/real-data.ts';
import { readAll } from './read-all.ts';
import { tempFiles } from './temp-files.ts';

const files = tempFiles();

/** Text that does not shrink to nothing, so that a packed file has many pieces. */
const manyLines = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `line ${index} ${Math.imul(index, 0x9e3779b1) >>> 0}`);

const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

/** The whole lines that a damaged file still holds, found by another way of unpacking. */
const wholeLinesBeforeDamage = (packed: Buffer): string[] =>
  gunzipSync(packed, { finishFlush: constants.Z_SYNC_FLUSH }).toString('utf8').split('\n').slice(0, -1);

describe('whole files', () => {
  const lines = manyLines(30_000);

  test('a plain file gives its lines in order', async () => {
    expect(await readAll(files.write(textOf(lines)))).toEqual({ lines, ending: { kind: 'end', lineCount: 30_000 } });
  });

  test('a gzip file is known by its bytes, not by its name', async () => {
    const path = files.write(gzipSync(textOf(lines)), 'packed.csv');
    expect(await readAll(path)).toEqual({ lines, ending: { kind: 'end', lineCount: 30_000 } });
    expect(await readAll(files.write(textOf(['a']), 'plain.gz'))).toMatchObject({ lines: ['a'] });
  });

  test('the members of a gzip file are one text, even where a line runs across them', async () => {
    const text = textOf(lines);
    const members = [text.slice(0, 5), text.slice(5, 300_000), '', text.slice(300_000)].map((part) => gzipSync(part));
    expect((await readAll(files.write(Buffer.concat(members)))).lines).toEqual(lines);
  });

  test('zero bytes after the last member are padding', async () => {
    const padded = Buffer.concat([gzipSync('a\nb\n'), Buffer.alloc(100_000)]);
    expect(await readAll(files.write(padded))).toEqual({ lines: ['a', 'b'], ending: { kind: 'end', lineCount: 2 } });
  });

  test('an empty file has no lines', async () => {
    expect(await readAll(files.write(''))).toEqual({ lines: [], ending: { kind: 'end', lineCount: 0 } });
    expect(await readAll(files.write(gzipSync('')))).toEqual({ lines: [], ending: { kind: 'end', lineCount: 0 } });
  });

  test('skipping lines goes on where an earlier run stopped, plain and packed', async () => {
    for (const path of [files.write(textOf(lines)), files.write(gzipSync(textOf(lines)))]) {
      expect(await readAll(path, { skipLines: 29_990 })).toEqual({
        lines: lines.slice(29_990),
        ending: { kind: 'end', lineCount: 30_000 },
      });
      expect((await readAll(path, { skipLines: 30_001 })).lines).toEqual([]);
    }
  });

  test('batches are some thousand lines, and their positions end at the size of the file', async () => {
    const packed = gzipSync(textOf(lines));
    const positions: number[] = [];
    for await (const item of readLines(files.write(packed))) {
      if (item.kind !== 'lines') continue;
      expect(item.lines.length).toBeLessThan(10_000);
      positions.push(item.positionBytes);
    }
    expect(positions.length).toBeGreaterThan(3);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(positions.at(-1)).toBe(packed.length);
  });

  test('a reader that stops early closes the file', async () => {
    const path = files.write(gzipSync(textOf(lines)));
    for await (const item of readLines(path)) {
      expect(item.kind).toBe('lines');
      break;
    }
    appendFileSync(path, gzipSync('more\n'));
    expect((await readAll(path)).lines.at(-1)).toBe('more');
  });

  test('a line of ten megabytes is cut and the others are whole', async () => {
    const path = files.write(gzipSync(`a\n${'x'.repeat(10_485_760)}\nb\n`));
    expect((await readAll(path)).lines).toEqual(['a', 'x'.repeat(65_536), 'b']);
  });

  test('bytes that are no text at all are lines of garbage, not an error', async () => {
    const { lines: garbage, ending } = await readAll(files.write(Buffer.from([0x00, 0xfe, 0x0a, 0x0a, 0xc3, 0x28])));
    expect(garbage).toEqual(['\u0000\ufffd', '', '\ufffd(']);
    expect(ending).toEqual({ kind: 'end', lineCount: 3 });
  });
});

describe('damaged gzip files', () => {
  const lines = manyLines(30_000);
  const packed = gzipSync(textOf(lines));

  test.each([0.1, 0.5, 0.9, 0.9999])(
    'cut off after %d of the file, all whole lines before the cut are given',
    async (share) => {
      const cut = packed.subarray(0, Math.floor(packed.length * share));
      const expected = wholeLinesBeforeDamage(cut);
      expect(expected.length).toBeGreaterThan(1_000);
      expect(await readAll(files.write(cut))).toEqual({
        lines: expected,
        ending: { kind: 'damaged', atLine: expected.length + 1, reason: 'unexpected end of file' },
      });
    },
  );

  test('a cut inside a line does not give the part before it', async () => {
    const small = gzipSync('whole\nbroken', { level: 0 });
    const { lines: given, ending } = await readAll(files.write(small.subarray(0, small.length - 11)));
    expect(given).toEqual(['whole']);
    expect(ending).toMatchObject({ kind: 'damaged', atLine: 2 });
  });

  test('a flipped bit in the check sum is found after all lines were given', async () => {
    const flipped = Buffer.from(packed);
    flipped.writeUInt8(flipped.readUInt8(flipped.length - 6) ^ 1, flipped.length - 6);
    const { lines: given, ending } = await readAll(files.write(flipped));
    expect(given).toEqual(lines);
    expect(ending).toEqual({ kind: 'damaged', atLine: 30_001, reason: 'incorrect data check' });
  });

  test('broken data in a later member leaves all lines of the earlier ones, whichever piece of the file they are in', async () => {
    for (const before of [10, 5_000, 30_000]) {
      const broken = Buffer.concat([gzipSync(textOf(lines.slice(0, before))), gzipSync('a\n').fill(0xff, 10)]);
      const { lines: given, ending } = await readAll(files.write(broken));
      expect(given.slice(0, before)).toEqual(lines.slice(0, before));
      expect(ending).toMatchObject({ kind: 'damaged', atLine: before + 1 });
    }
  });

  test('bytes that are not gzip after a member are damage, also after padding', async () => {
    for (const tail of [Buffer.from('garbage'), Buffer.concat([Buffer.alloc(40_000), gzipSync('b\n')])]) {
      const { lines: given, ending } = await readAll(files.write(Buffer.concat([gzipSync('a\n'), tail])));
      expect(given).toEqual(['a']);
      expect(ending).toMatchObject({ kind: 'damaged', atLine: 2 });
    }
  });

  test('a file with only the two magic bytes is damaged at its first line', async () => {
    expect(await readAll(files.write(Buffer.from([0x1f, 0x8b])))).toMatchObject({
      lines: [],
      ending: { kind: 'damaged', atLine: 1 },
    });
  });

  test('damage in lines that are skipped is still reported', async () => {
    const cut = packed.subarray(0, packed.length / 2);
    const found = wholeLinesBeforeDamage(cut).length;
    const { lines: given, ending } = await readAll(files.write(cut), { skipLines: 30_000 });
    expect(given).toEqual([]);
    expect(ending).toMatchObject({ kind: 'damaged', atLine: found + 1 });
  });
});

describe('files that cannot be used', () => {
  test('reading a file that is not there or is a folder throws before any line', async () => {
    const folder = join(files.folder, 'folder');
    mkdirSync(folder);
    await expect(readAll(join(files.folder, 'absent'))).rejects.toThrow(InputError);
    await expect(readAll(folder)).rejects.toThrow(InputError);
  });
});

describeWithData(
  'real files',
  ['ghcnd/2016-us-hcn.csv.gz', 'logs/apache_logs-2015-05-17_19.log.gz'],
  (ghcn, apache) => {
    test('2016 has the lines its description says', async () => {
      const { lines, ending } = await readAll(ghcn);
      expect(ending).toEqual({ kind: 'end', lineCount: 1_070_184 });
      expect(lines.join('\n').length).toBe(gunzipSync(readFileSync(ghcn)).length - 1);
    });

    test('a real log read in pieces is the log read at once', async () => {
      const { lines } = await readAll(apache);
      expect(lines).toEqual(gunzipSync(readFileSync(apache)).toString('utf8').split('\n').slice(0, -1));
    });
  },
);
