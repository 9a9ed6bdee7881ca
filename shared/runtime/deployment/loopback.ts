/**
 * Whether a URL is of this machine: `localhost`, a name below it, 127.0.0.0/8 or ::1. A text that is no URL is not.
 *
 * Names that only resolve to a loopback address do not count: others can change what a name means.
 *
 * @example
 * ```ts
 * isLoopbackUrl('http://127.0.0.1:4566'); // true
 * isLoopbackUrl('http://[::1]:4566'); // true
 * isLoopbackUrl('https://kinesis.us-east-1.amazonaws.com'); // false
 * ```
 */
export const isLoopbackUrl = (url: string): boolean => {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return hostname === '[::1]' || /^(?:127(?:\.\d{1,3}){3}|(?:.+\.)?localhost)$/u.test(hostname);
};
