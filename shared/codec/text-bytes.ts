const utf8 = new TextEncoder();

/** A view of the same memory as a Buffer, because its `toString` is the fastest way from bytes to text in Node. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Text of UTF-8 bytes, or the text itself; what is not UTF-8 becomes U+FFFD, so any bytes have a text. */
export const textOf = (payload: Uint8Array | string): string =>
  typeof payload === 'string' ? payload : asBuffer(payload).toString('utf8');

/** UTF-8 bytes of a text. */
export const bytesOf = (text: string): Uint8Array => utf8.encode(text);
