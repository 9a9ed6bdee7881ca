import type { Stream } from '../stream/stream.ts';
import type { Notification } from './notification.ts';

/** Where a processor may write, by the name its steps use for it. */
export type Outputs = Readonly<Record<string, Output>>;
export type Output = Stream<unknown> | Notification<unknown>;

/** What a step emits: values per output name. The n-th value of an output always gets the same origin, unless it has `idOf`. */
export type Emit<To extends Outputs> = { readonly [Name in keyof To]?: readonly ValueOf<To[Name]>[] };

type ValueOf<Target> =
  Target extends Stream<infer Value> ? Value : Target extends Notification<infer Value> ? Value : never;
