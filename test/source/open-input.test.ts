import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { openInput } from '../../shared/source/open-input.ts';
import { InputError } from '../../shared/source/user-error.ts';
import { tempFiles } from './temp-files.ts';

const files = tempFiles();

const errorOf = async (path: string): Promise<InputError> => {
  try {
    await (await openInput(path))[Symbol.asyncDispose]();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('no error');
};

describe('checking input files', () => {
  test('plain and gzip files pass, with their sizes on disk', async () => {
    const plain = files.write('a,b\n');
    const packed = files.write(gzipSync('a,b\n'));
    await using one = await openInput(plain);
    await using other = await openInput(packed);
    expect([one, other]).toMatchObject([
      { compression: 'none', sizeBytes: 4 },
      { compression: 'gzip', sizeBytes: gzipSync('a,b\n').length },
    ]);
  });

  test('a missing file is named, with a remedy, on one line', async () => {
    const path = join(files.folder, 'absent.csv');
    const error = await errorOf(path);
    expect(error).toMatchObject({ path });
    expect(error.message).toBe(`cannot read ${JSON.stringify(path)}: no such file; check the path`);
  });

  test('a folder is not a file', async () => {
    const folder = join(files.folder, 'folder');
    mkdirSync(folder);
    expect((await errorOf(folder)).message).toMatch(/it is a folder; name a file in it$/);
  });

  test('a pipe is refused without waiting for its writer', async () => {
    const pipe = join(files.folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect((await errorOf(pipe)).message).toMatch(/pipe or a device; write the data to a file/);
  });

  // The superuser may read everything, so that user sees no refusal.
  const testUnlessRoot = process.getuid?.() === 0 ? test.skip : test;
  testUnlessRoot('a file without read permission says so', async () => {
    const path = files.write('a\n');
    chmodSync(path, 0o000);
    expect((await errorOf(path)).message).toMatch(/permission denied; make it readable/);
  });

  test('a name with a line end or a NUL in it stays on one line', async () => {
    expect((await errorOf('a\nb')).message).not.toContain('\n');
    expect((await errorOf('a\u0000b')).message).not.toContain('\n');
  });

  test.each([
    ['zip', [0x50, 0x4b, 0x03, 0x04], 'unzip'],
    ['zstd', [0x28, 0xb5, 0x2f, 0xfd], 'zstd -d'],
    ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], 'xz -dk'],
    ['bzip2', [0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59], 'bunzip2 -k'],
    ['bzip2', [0x42, 0x5a, 0x68, 0x39, 0x17, 0x72, 0x45, 0x38, 0x50, 0x90], 'bunzip2 -k'],
    ['7z', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], '7z x'],
    ['lz4', [0x04, 0x22, 0x4d, 0x18], 'lz4 -d'],
    ['compress (.Z)', [0x1f, 0x9d], 'uncompress -k'],
  ])('a file packed with %s says how to unpack it', async (format, magic, command) => {
    const error = await errorOf(files.write(Buffer.concat([Buffer.from(magic), Buffer.alloc(20)])));
    expect(error.message).toContain(`packed with ${format}`);
    expect(error.message).toContain(`unpack it first (${command})`);
  });

  test('text that begins like a bzip2 file is text', async () => {
    await using input = await openInput(files.write('BZh00000001,20160101,TMAX,144,,,7,\n'));
    expect(input.compression).toBe('none');
  });
});
