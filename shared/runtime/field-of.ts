/**
 * A field of a value that came from outside; undefined where it is no object or has none.
 *
 * @example
 * ```ts
 * fieldOf({ name: 'x' }, 'name'); // 'x'
 * fieldOf('text', 'name'); // undefined
 * ```
 */
export const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
