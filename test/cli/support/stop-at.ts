import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { DatabaseSync } from 'node:sqlite';

/*
 * Loaded before the command: sends the process a signal right before the n-th time it commits a transaction or renames a file,
 * and says so on descriptor 3. So a test stops a run at a place in its work and not at a time of the clock.
 */
const [what, signal = '', count] = (process.env['MILLRACE_TEST_STOP_AT'] ?? '').split(' ');
let left = Number(count);

const pass = (): void => {
  left -= 1;
  if (left !== 0) return;
  fs.writeSync(3, '.');
  process.kill(process.pid, signal);
};

if (what === 'commit') {
  const exec = Reflect.get(DatabaseSync.prototype, 'exec');
  DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string): void {
    if (sql === 'COMMIT') pass();
    Reflect.apply(exec, this, [sql]);
  };
} else {
  const { renameSync } = fs;
  fs.renameSync = (from, to) => {
    pass();
    renameSync(from, to);
  };
  syncBuiltinESMExports();
}
