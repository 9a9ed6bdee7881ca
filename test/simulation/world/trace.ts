import { createHash } from 'node:crypto';

/** What happened, line by line, and one number for all of it: two runs of a seed must have the same. */
export class Trace {
  readonly #lines: string[] = [];
  readonly #tell: ((line: string) => void) | undefined;

  constructor(tell: ((line: string) => void) | undefined) {
    this.#tell = tell;
  }

  say(line: string): void {
    this.#lines.push(line);
    this.#tell?.(line);
  }

  digest(): string {
    return createHash('sha256').update(this.#lines.join('\n')).digest('hex').slice(0, 16);
  }
}
