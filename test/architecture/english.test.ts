import { expect, test } from '@jest/globals';
import { englishFindings } from '../support/source-english.ts';
import { textFiles } from '../support/source-files.ts';

/** Folders and files whose English is checked: all that a reader meets. */
const PLACES = [
  '.ci',
  '.github',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'README.md',
  'bench',
  'cli',
  'create-millrace',
  'docs',
  'functions',
  'infra',
  'shared',
  'test',
];

/** What lists the words cannot do without them. */
const IS_LIST = /\/(?:source-english|english\.test)\.ts$/u;

test("the project says things in the field's own words", () => {
  const files = textFiles(...PLACES).filter(({ path }) => !IS_LIST.test(path));
  expect(files.length).toBeGreaterThan(0);
  expect(files.flatMap(({ path, text }) => englishFindings(path, text))).toEqual([]);
});

test.each([
  ['a place after another', '// What stands behind the comma.', 'behind'],
  ['a word in any case', 'it("Nobody reads it")', 'Nobody'],
  ['a constant without MAX_', 'const MOST_BYTES = 1;', 'MOST_'],
  ['a name without max', 'const oldestMs = 1;', 'oldestM'],
  ['a word of two parts', ' * The engine gives out a record.', 'gives out'],
])('the check sees %s', (_rule, line, found) => {
  expect(englishFindings('a.ts', `first\n${line}\n`)).toEqual([expect.stringContaining(`a.ts:2 says '${found}': `)]);
});

test.each([
  ['a lag', 'Event time is far behind the clock, and how far behind is a metric.'],
  ['an idiom', 'What cannot be told apart stands in the way.'],
  ['a comparison', 'Twice as many as before.'],
  ['a superlative', 'The oldest record, and most of the others.'],
  ['a word within a word', 'const almostDone = true;'],
])('the check lets pass %s', (_rule, line) => {
  expect(englishFindings('a.ts', line)).toEqual([]);
});
