import type { DatabaseSync } from 'node:sqlite';
import { isAtOrBefore, withApplied } from '../../engine/ledger.ts';
import type { Topology } from '../../processor/topology.ts';
import { peeker, type Envelope } from '../../stream/envelope.ts';
import { laneUnder } from '../../stream/origin.ts';
import type { Stream } from '../../stream/stream.ts';
import type { Notes } from './notes.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS stream_export (
    stream TEXT NOT NULL, partition_key TEXT NOT NULL, writer TEXT NOT NULL, number INTEGER NOT NULL, lines BLOB NOT NULL,
    PRIMARY KEY (stream, partition_key, writer, number)
  ) WITHOUT ROWID;
`;

const NOTE = 'export number';
const FIRST_BYTES = 4_096;
const NEW_LINE = 0x0a;

/** What went through the streams of a run, gathered as it passes so that the log may forget it. */
export interface StreamExport {
  /** Takes what was put into a stream. */
  take(stream: string, partitionKey: string, payloads: readonly string[]): void;
  /** Writes what was taken; call it at the end of each transaction. */
  save(): void;
  /**
   * JSON lines of a stream in UTF-8, some at a time and without the last line end, by partition key, then by writer,
   * then in order: the same for every run of one input.
   */
  lines(stream: string): Iterable<Uint8Array>;
}

/**
 * Gathers the values of streams as JSON lines. A record that was written twice, because a batch was repeated, is taken
 * once: the export keeps a ledger like any other reader.
 */
export const streamExport = (
  database: DatabaseSync,
  { streams, sources }: Pick<Topology, 'streams' | 'sources'>,
  own: Notes,
): StreamExport => {
  database.exec(SCHEMA);
  const append = database.prepare('INSERT INTO stream_export VALUES (?, ?, ?, ?, ?)');
  const read = database.prepare(
    'SELECT lines FROM stream_export WHERE stream = ? ORDER BY partition_key, writer, number',
  );
  const collectors = new Map(
    streams.map((stream): [string, Collector] => [stream.name, collector(stream, sources.includes(stream))]),
  );
  let number = Number(own.get(NOTE) ?? 0);

  return {
    take: (stream, partitionKey, payloads) => {
      collectors.get(stream)?.take(partitionKey, payloads);
    },
    save: () => {
      for (const [stream, { groups }] of collectors) {
        for (const { partitionKey, writer, lines } of groups.values()) {
          append.run(stream, partitionKey, writer, number++, lines.bytes);
        }
        groups.clear();
      }
      own.set(NOTE, number);
    },
    *lines(stream) {
      for (const { lines } of read.iterate(stream)) if (lines instanceof Uint8Array) yield lines;
    },
  };
};

/** Lines of text, kept as UTF-8: texts that are pieces of longer ones would keep those alive. */
class LineBuffer {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #end = 0;

  append(line: string): void {
    // No character of a string takes more than three bytes.
    this.#reserve(this.#end + line.length * 3 + 1);
    this.#end += this.#bytes.write(line, this.#end);
    this.#bytes[this.#end++] = NEW_LINE;
  }

  /** All lines, without a line end after the last one; the memory belongs to the buffer. */
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

/** Used until the first lane is known. */
const NO_LINES = new LineBuffer();

interface Group {
  readonly partitionKey: string;
  readonly writer: string;
  readonly lines: LineBuffer;
}

interface Collector {
  readonly groups: Map<string, Group>;
  readonly take: (partitionKey: string, payloads: readonly string[]) => void;
}

/** What comes from outside is no envelope of ours, whatever it looks like. */
const peekNothing = (): undefined => undefined;

const collector = ({ codec }: Stream<unknown>, isForeign: boolean): Collector => {
  const peek = isForeign ? peekNothing : peeker(codec.dataMember);
  const ledger = new Map<string, string>();
  const groups = new Map<string, Group>();

  const linesOf = (partitionKey: string, writer: string): LineBuffer => {
    const id = `${partitionKey} ${writer}`;
    const known = groups.get(id);
    if (known !== undefined) return known.lines;
    const group: Group = { partitionKey, writer, lines: new LineBuffer() };
    groups.set(id, group);
    return group.lines;
  };

  return {
    groups,
    take: (partitionKey, payloads) => {
      // Records of one lane mostly follow each other, so what hangs on the lane is looked up when it changes.
      let sent: string | undefined;
      let lane = '';
      let lines = NO_LINES;
      for (const payload of payloads) {
        const envelope: Envelope | undefined = peek(payload);
        if (envelope === undefined) {
          // A record of a foreign form that cannot be decoded has no value; the books and its dead letter have it.
          const decoded = codec.decode(payload);
          if (decoded.kind === 'value') linesOf(partitionKey, '').append(codec.toData(decoded.value));
          continue;
        }
        if (envelope.lane !== sent) {
          sent = envelope.lane;
          lane = laneUnder(sent, partitionKey);
          lines = linesOf(partitionKey, sent.slice(sent.lastIndexOf(';') + 1));
        }
        const seen = ledger.get(lane);
        if (seen !== undefined && isAtOrBefore(envelope.position, seen)) continue;
        ledger.set(lane, withApplied(seen, envelope.position));
        lines.append(envelope.data);
      }
    },
  };
};
