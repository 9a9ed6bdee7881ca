import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { InputError } from '../../shared/source/user-error.ts';
import { readText } from '../../shared/source/read-text.ts';
import { tempFiles } from './temp-files.ts';

const files = tempFiles();

describe('reading a whole file', () => {
  test('plain and gzip give the same text, without the byte order mark', async () => {
    const text = `\ufeff[\r\n"é"]\n${'x'.repeat(300_000)}`;
    expect(await readText(files.write(text))).toBe(text.slice(1));
    expect(await readText(files.write(gzipSync(text)))).toBe(text.slice(1));
  });

  test('half a list is no list: a damaged gzip file is an error that names the file', async () => {
    const path = files.write(gzipSync('AZ ARIZONA\n'.repeat(1_000)).subarray(0, -4), 'states.txt.gz');
    await expect(readText(path)).rejects.toThrow(InputError);
    await expect(readText(path)).rejects.toThrow(/states\.txt\.gz.*damaged.*get the file again/);
  });

  test('a missing file is an error that names the file', async () => {
    await expect(readText('/no/such/states.txt')).rejects.toThrow(/no such file/);
  });
});
