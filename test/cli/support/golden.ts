import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from '@jest/globals';

/**
 * Compares a text with a golden file, which is read by people before it is committed. `MILLRACE_GOLDEN=write` writes the file
 * anew where the text is meant to change.
 */
export const expectGolden = (file: URL, text: string): void => {
  if (process.env['MILLRACE_GOLDEN'] === 'write') writeFileSync(file, text);
  expect(text).toBe(existsSync(file) ? readFileSync(file, 'utf8') : '');
};
