/**
 * A field of a value that came from outside; undefined where it is no object or has none. What every object inherits, such as
 * `constructor`, is no field.
 *
 * @example
 * ```ts
 * fieldOf({ name: 'x' }, 'name'); // 'x'
 * fieldOf('text', 'name'); // undefined
 * fieldOf({}, 'constructor'); // undefined
 * ```
 */
export const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && (!(name in Object.prototype) || Object.hasOwn(value, name))
    ? Reflect.get(value, name)
    : undefined;
