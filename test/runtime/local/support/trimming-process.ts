import { localRuntime } from '../../../../shared/runtime/local/local-runtime.ts';
import { sqliteStorage } from '../../../../shared/runtime/local/local-storage.ts';
import { hostOf, NONE, readers } from './reading-topology.ts';

/*
 * A run that takes in numbers and trims what it has passed, to be killed at any moment: `node trimming-process.ts FILE COUNT`. What
 * each processor took is in the table `taken` of the same file.
 */
const [file = '', count = '0'] = process.argv.slice(2);
const PER_CYCLE = 20;

const storage = sqliteStorage(file);
storage.database.exec('CREATE TABLE IF NOT EXISTS taken (processor TEXT, line TEXT)');
const taken = storage.database.prepare('INSERT INTO taken VALUES (?, ?)');

/** The slow one holds what it has not seen three times; attempts are counted in this process alone. */
const attempts = new Map<string, number>();
const take = (processor: string, lines: readonly string[]): number => {
  for (const [index, line] of lines.entries()) {
    if (processor === 'test/slow' && line.endsWith('7')) {
      const seen = (attempts.get(line) ?? 0) + 1;
      attempts.set(line, seen);
      if (seen < 3) return index;
    }
    taken.run(processor, line);
  }
  return NONE;
};

let nowMs = Date.UTC(2030, 0, 1);
const runtime = await storage.transaction(() =>
  Promise.resolve(
    localRuntime({
      topology: readers,
      storage,
      nowMs: () => nowMs,
      shards: 2,
      host: hostOf(take),
      mapping: { batchSize: 7 },
    }),
  ),
);
for (let isDone = false; !isDone;) {
  isDone = await storage.transaction(async () => {
    const from = Number(runtime.notes.get('from') ?? 0);
    for (let line = from; line < Math.min(from + PER_CYCLE, Number(count)); line++) {
      runtime.produce('lines', String(line % 5), [`${String(line % 5)} ${String(line)}`]);
    }
    runtime.notes.set('from', from + PER_CYCLE);
    nowMs += 2_000;
    const due = await runtime.drain();
    runtime.checkpoint();
    runtime.trim();
    return due === undefined && from >= Number(count);
  });
}
storage.close();
