import { expect, test } from '@jest/globals';
import { weather } from '../../../functions/weather/topology.ts';
import { fieldOf } from '../support/result-rows.ts';
import { millrace } from '../support/millrace.ts';

test('topology prints the pipeline as an outline, as JSON for programs, and as a picture', async () => {
  const [text, json, mermaid] = await Promise.all([
    millrace(['topology', 'weather']),
    millrace(['topology', 'weather', '--format', 'json']),
    millrace(['topology', 'weather', '--format', 'mermaid']),
  ]);
  const ids = weather().processors.map(({ id }) => id);
  const description: unknown = JSON.parse(json.out);
  const described = fieldOf(description, 'processors');
  expect(Array.isArray(described) ? described.map((one) => fieldOf(one, 'id')) : []).toEqual(ids);
  for (const id of ids) {
    expect(text.out).toContain(`\n${id}\n`);
    expect(mermaid.out).toContain(`"${id}"`);
  }
  expect(mermaid.out).toMatch(/^flowchart LR\n/);
  expect([text, json, mermaid].map(({ code, err }) => [code, err])).toEqual([
    [0, ''],
    [0, ''],
    [0, ''],
  ]);
});
