import { ApiError } from './api-error.ts';
import { shown } from './shown.ts';

/** More than API Gateway takes of a whole request line and its headers. */
const MOST_CHARACTERS = 10_240;

/**
 * The parameters of a query string, by name, decoded once; `+` is a blank.
 *
 * Throws an {@link ApiError} for one that is too long, that is not percent-encoded UTF-8, or that names a parameter twice:
 * whoever takes the first and whoever takes the last would see two different requests.
 */
export const parseQueryString = (raw: string): ReadonlyMap<string, string> => {
  if (raw.length > MOST_CHARACTERS) {
    throw new ApiError(
      'bad-parameter',
      `the query string may have ${String(MOST_CHARACTERS)} characters, got ${String(raw.length)}`,
    );
  }
  const parameters = new Map<string, string>();
  for (const pair of raw.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decoded(equals < 0 ? pair : pair.slice(0, equals));
    if (parameters.has(name)) {
      throw new ApiError('bad-parameter', `the parameter ${shown(name)} is given twice: give it once`, {
        parameter: name,
      });
    }
    parameters.set(name, equals < 0 ? '' : decoded(pair.slice(equals + 1)));
  }
  return parameters;
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new ApiError(
      'bad-parameter',
      `the query string must be percent-encoded UTF-8, got ${shown(text)}; a plain '%' is written '%25'`,
    );
  }
};
