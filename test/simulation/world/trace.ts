import { createHash } from 'node:crypto';

/** What happened, line by line, and one number for all of it: two runs of a seed must have the same. */
export class Trace {
  readonly #hash = createHash('sha256');
  readonly #tell: ((line: string) => void) | undefined;

  constructor(tell: ((line: string) => void) | undefined) {
    this.#tell = tell;
  }

  say(line: string): void {
    this.#hash.update(line).update('\n');
    this.#tell?.(line);
  }

  digest(): string {
    return this.#hash.digest('hex').slice(0, 16);
  }
}
