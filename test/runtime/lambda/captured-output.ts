/** What a function has written while a test ran. */
export interface CapturedOutput {
  /** All of it, as it was written. */
  readonly text: string;
  /** The lines that are JSON, parsed. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

/** Runs something and takes what it writes to standard output and standard error. */
export const captured = async (run: () => Promise<unknown>): Promise<CapturedOutput> => {
  const chunks: string[] = [];
  const streams = [process.stdout, process.stderr];
  const own = streams.map((stream) => Object.getOwnPropertyDescriptor(stream, 'write'));
  const take = (chunk: string | Uint8Array): boolean => {
    chunks.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
    return true;
  };
  for (const stream of streams) Object.defineProperty(stream, 'write', { value: take, configurable: true });
  try {
    await run();
  } finally {
    for (const [index, stream] of streams.entries()) {
      const before = own[index];
      if (before === undefined) Reflect.deleteProperty(stream, 'write');
      else Object.defineProperty(stream, 'write', before);
    }
  }
  const text = chunks.join('');
  return { text, lines: text.split('\n').flatMap(jsonObject) };
};

const jsonObject = (line: string): readonly Readonly<Record<string, unknown>>[] => {
  if (!line.startsWith('{')) return [];
  const value: unknown = JSON.parse(line);
  return typeof value === 'object' && value !== null ? [{ ...value }] : [];
};
