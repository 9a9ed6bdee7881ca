/**
 * Whether user code answered with a promise where a value was asked for. Nothing awaits such a promise, so its rejection is taken
 * off it here: an error that comes later must not end the process.
 */
export const isPromise = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null || !('then' in value) || typeof value.then !== 'function')
    return false;
  Promise.resolve(value).catch(() => undefined);
  return true;
};
