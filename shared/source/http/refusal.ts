import { STATUS_CODES } from 'node:http';

/** Why a request is not taken: a problem in the form of RFC 9457. Nothing of such a request is taken. */
export interface Refusal {
  readonly kind: 'refused';
  readonly status: number;
  /** What happened, with which value, what is allowed and what to do. */
  readonly detail: string;
  /** Where and what, for programs: `index`, `line`, `allowed`. */
  readonly members: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** Makes a refusal. */
export const refusal = (
  status: number,
  detail: string,
  members: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): Refusal => ({ kind: 'refused', status, detail, members, headers });

/** Media type of {@link problemText}. */
export const PROBLEM_TYPE = 'application/problem+json';

/** The body that says why. */
export const problemText = ({ status, detail, members }: Refusal): string =>
  `${JSON.stringify({ title: STATUS_CODES[status] ?? '', status, detail, ...members })}\n`;
