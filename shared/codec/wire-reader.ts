/** What {@link WireReader} answers where the bytes end too early or break the format. */
export const BROKEN = -1;

/**
 * Walks over protobuf bytes. It never throws and never copies; hostile lengths and endless varints are `BROKEN`.
 *
 * One object is made per message, not per field: the position is its only state.
 */
export class WireReader {
  readonly #bytes: Uint8Array;
  at: number;
  readonly endExclusive: number;

  constructor(bytes: Uint8Array, start: number, endExclusive: number) {
    this.#bytes = bytes;
    this.at = start;
    this.endExclusive = endExclusive;
  }

  /** An unsigned varint. Above 2^53 it loses digits, which no length or table index survives anyway. */
  varint(endExclusive: number): number {
    let at = this.at;
    let byte = at < endExclusive ? (this.#bytes[at++] ?? 0) : 0x80;
    if (byte < 0x80) {
      this.at = at;
      return byte;
    }
    let value = byte & 0x7f;
    let scale = 0x80;
    for (let read = 1; read < LONGEST_VARINT; read += 1) {
      if (at >= endExclusive) return BROKEN;
      byte = this.#bytes[at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        this.at = at;
        return value;
      }
      scale *= 0x80;
    }
    return BROKEN;
  }

  /** The length in front of a string, of bytes or of a message, if that many bytes follow. */
  length(endExclusive: number): number {
    const length = this.varint(endExclusive);
    return length <= endExclusive - this.at ? length : BROKEN;
  }

  /** Steps over the value of a field nobody asked for; false where that is not possible. */
  skip(tag: number, endExclusive: number): boolean {
    if (tag < LOWEST_TAG) return false;
    switch (tag % 8) {
      case 0:
        return this.varint(endExclusive) !== BROKEN;
      case 1:
        this.at += 8;
        break;
      case 2: {
        const length = this.length(endExclusive);
        if (length === BROKEN) return false;
        this.at += length;
        break;
      }
      case 5:
        this.at += 4;
        break;
      default:
        return false; // groups: gone since before this format was made
    }
    return this.at <= endExclusive;
  }
}

/** Field numbers begin at 1; this also catches a tag that is `BROKEN`. */
const LOWEST_TAG = 8;
/** 64 bits in groups of 7. */
const LONGEST_VARINT = 10;
