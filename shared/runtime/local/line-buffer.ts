const FIRST_BYTES = 4_096;
const NEW_LINE = 0x0a;

/** Lines of text, kept as UTF-8: texts that are pieces of longer ones would keep those alive. */
export class LineBuffer {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #end = 0;

  append(line: string): void {
    // No character of a string takes more than three bytes.
    this.#reserve(this.#end + line.length * 3 + 1);
    this.#end += this.#bytes.write(line, this.#end);
    this.#bytes[this.#end++] = NEW_LINE;
  }

  /** All lines, without a line end behind the last one; the memory belongs to the buffer. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, Math.max(0, this.#end - 1));
  }

  #reserve(bytes: number): void {
    if (bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}
