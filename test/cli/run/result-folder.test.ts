import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openResultFolder } from '../../../cli/run/result-folder.ts';
import { tempFiles } from '../../source/temp-files.ts';
import { contentOf } from '../support/folder-content.ts';

const files = tempFiles();
let made = 0;
const newPath = (): string => join(files.folder, `folder-${String((made += 1))}`, 'below');

const publishInto = (path: string, text: string): void => {
  using folder = openResultFolder(path);
  const results = folder.startResults();
  mkdirSync(join(results, 'streams'));
  writeFileSync(join(results, 'streams', 'a.jsonl'), text);
  writeFileSync(join(results, 'books.json'), text);
  folder.publish();
};

test('published results take the place of older ones, and nothing hidden is left', () => {
  const path = newPath();
  publishInto(path, 'old');
  publishInto(path, 'new');
  expect(contentOf(path)).toEqual({ 'books.json': 'new', 'streams/a.jsonl': 'new' });
  expect(readdirSync(path).sort()).toEqual(['books.json', 'streams']);
});

test('what is not published is gone, with the folder if it was made for it, and older results stay', () => {
  const [empty, used] = [newPath(), newPath()];
  publishInto(used, 'old');
  for (const path of [empty, used]) {
    using folder = openResultFolder(path);
    writeFileSync(join(folder.startResults(), 'books.json'), 'half');
    writeFileSync(join(folder.work, 'runtime.db'), 'x');
  }
  expect(existsSync(empty)).toBe(false);
  expect(contentOf(used)).toEqual({ 'books.json': 'old', 'streams/a.jsonl': 'old' });
});

test('a folder that fills while the run goes on has no books, and is known again as that of a run', () => {
  const path = newPath();
  publishInto(path, 'old');
  {
    using folder = openResultFolder(path);
    writeFileSync(join(folder.fill('outbox', true), '1.eml'), 'mail');
  }
  expect(existsSync(join(path, 'books.json'))).toBe(false);
  expect(readdirSync(path)).toContain('outbox');
  {
    // One that comes to nothing does not take the mark away.
    using folder = openResultFolder(path);
    folder.startResults();
  }
  {
    using folder = openResultFolder(path);
    expect(readdirSync(folder.fill('outbox', false))).toEqual(['1.eml']);
  }
  publishInto(path, 'new');
  expect(contentOf(path)).toEqual({ 'books.json': 'new', 'streams/a.jsonl': 'new' });
});

test('results that no run has made are refused by name, and other files do no harm', () => {
  const path = newPath();
  mkdirSync(join(path, 'outbox'), { recursive: true });
  expect(() => openResultFolder(path)).toThrow(/already has a 'outbox' that is not the result of a run/);
  const other = newPath();
  mkdirSync(other, { recursive: true });
  writeFileSync(join(other, 'notes.txt'), 'mine');
  publishInto(other, 'new');
  expect(Object.keys(contentOf(other))).toEqual(['books.json', 'notes.txt', 'streams/a.jsonl']);
});
