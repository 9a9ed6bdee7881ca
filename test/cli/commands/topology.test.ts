import { expect, test } from '@jest/globals';
import { expectGolden } from '../support/golden.ts';
import { millrace } from '../support/millrace.ts';

test.each([
  ['text', 'txt'],
  ['json', 'json.txt'],
  ['mermaid', 'mmd'],
])('topology shows the whole pipeline as %s', async (format, suffix) => {
  const { code, out, err } = await millrace(['topology', 'weather', '--format', format]);
  expect([code, err]).toEqual([0, '']);
  expectGolden(new URL(`./golden/topology.${suffix}`, import.meta.url), out);
});

test('text is the format where none is named', async () => {
  const { out } = await millrace(['topology', 'weather']);
  expectGolden(new URL('./golden/topology.txt', import.meta.url), out);
});
