/** What {@link WireReader} returns where the bytes end too early or break the format. */
export const BROKEN = -1;

/**
 * Walks over protobuf bytes. Never throws and never copies; hostile lengths and endless varints are `BROKEN`.
 *
 * One object per message, not per field; the position is its only state.
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

  /** An unsigned varint. Above 2^53 it loses digits; no length or table index is that large. */
  varint(endExclusive: number): number {
    let at = this.at;
    let byte = at < endExclusive ? (this.#bytes[at++] ?? 0) : 0x80;
    if (byte < 0x80) {
      this.at = at;
      return byte;
    }
    let value = byte & 0x7f;
    let scale = 0x80;
    for (let read = 1; read < MAX_VARINT_BYTES; read += 1) {
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

  /** The length before a string, bytes or a message, if that many bytes follow. */
  length(endExclusive: number): number {
    const length = this.varint(endExclusive);
    return length <= endExclusive - this.at ? length : BROKEN;
  }

  /** Skips the value of an unknown field; false if it is cut off or has no such form. */
  skip(tag: number, endExclusive: number): boolean {
    if (tag < MIN_TAG) return false;
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
        return false; // groups: deprecated in protobuf; never used by the KPL
    }
    return this.at <= endExclusive;
  }
}

/** Field number 1; anything below is no tag, and `BROKEN` is below too. */
const MIN_TAG = 8;
/** 64 bits in groups of 7. */
const MAX_VARINT_BYTES = 10;
