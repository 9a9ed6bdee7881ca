import type { Stream } from '../stream/stream.ts';

/** How a piece of text looks on a terminal; `plain` is as the terminal has it. */
export type Look = 'plain' | 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** A piece of a line. What a terminal would obey is taken out where it is shown. */
export interface Piece {
  readonly text: string;
  /** @default 'plain' */
  readonly look?: Look;
  /** Left out where the line has no room for all of it. @default false */
  readonly ifRoom?: boolean;
}

/** What is shown of a pipeline while it runs: the newest values of one stream, a line each. */
export interface LiveView {
  readonly stream: Stream<unknown>;
  /** In a few words: `newest alerts`. */
  readonly title: string;
  show(value: unknown): readonly Piece[];
}

/** Describes what is shown of a pipeline while it runs. */
export const liveView = <Value>(
  stream: Stream<Value>,
  { title, show }: { readonly title: string; readonly show: (value: Value) => readonly Piece[] },
): LiveView => {
  const view: { readonly stream: Stream<unknown>; readonly title: string; show(value: Value): readonly Piece[] } = {
    stream,
    title,
    show,
  };
  return view;
};

/** The view of a pipeline that describes none: the newest values of a stream, as JSON. */
export const plainView = (stream: Stream<unknown>): LiveView => ({
  stream,
  title: `newest of ${stream.name}`,
  show: (value) => [{ text: typeof value === 'string' ? value : JSON.stringify(value) }],
});
