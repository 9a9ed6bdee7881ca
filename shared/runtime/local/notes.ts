import type { DatabaseSync } from 'node:sqlite';

/** Small facts a run must find again: positions, books, what it was started with. JSON values by name. */
export interface Notes {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
}

export const notes = (database: DatabaseSync): Notes => {
  database.exec('CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID');
  const get = database.prepare('SELECT value FROM notes WHERE name = ?');
  const set = database.prepare(
    'INSERT INTO notes VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  return {
    get: (name) => {
      const row = get.get(name);
      const value: unknown = row === undefined ? undefined : JSON.parse(String(row['value']));
      return value;
    },
    set: (name, value) => {
      set.run(name, JSON.stringify(value));
    },
  };
};
