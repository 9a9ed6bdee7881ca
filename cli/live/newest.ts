import type { Put } from '../../shared/runtime/local/local-outputs.ts';
import { peeker } from '../../shared/stream/envelope.ts';
import type { Stream } from '../../shared/stream/stream.ts';

/** The newest values of one stream. */
export interface Newest<Value> {
  /** Is shown what is put into streams. */
  readonly observe: Put;
  /** Newest first. */
  readonly values: () => readonly Value[];
}

/** Keeps the newest values of a stream as they are put, up to `most`; records without an envelope are passed over. */
export const newestOf = <Value>(stream: Stream<Value>, most: number): Newest<Value> => {
  const peek = peeker(stream.codec.dataMember);
  let texts: string[] = [];
  return {
    observe: (name, _partitionKey, payloads) => {
      if (name !== stream.name) return;
      for (const payload of payloads.slice(-most)) {
        const data = peek(payload)?.data;
        if (data !== undefined) texts.push(data);
      }
      texts = texts.slice(-most);
    },
    values: () =>
      texts.toReversed().flatMap((text) => {
        const decoded = stream.codec.fromData(JSON.parse(text));
        return decoded.kind === 'value' ? [decoded.value] : [];
      }),
  };
};
