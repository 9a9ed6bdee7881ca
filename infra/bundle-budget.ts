/** What every function must stay below, whatever its own budget is: a cold start reads and compiles all of it. */
export const BUNDLE_LIMIT_BYTES = 600_000;

/**
 * Most bytes that the bundle of each function may have, minified: what it had when this was written, and 5 KB for growth that
 * needs no thought. Raise one only with a look at what has come in; `npm run bench -- bundles` shows it.
 */
export const BUNDLE_BUDGETS: Readonly<Record<string, number>> = {
  'functions/weather/handlers/alert-log.ts': 564_000,
  'functions/weather/handlers/alert.ts': 566_000,
  'functions/weather/handlers/api.ts': 289_000,
  'functions/weather/handlers/assemble.ts': 567_000,
  'functions/weather/handlers/daily.ts': 565_000,
  'functions/weather/handlers/enrich.ts': 565_000,
  'functions/weather/handlers/notify.ts': 565_000,
  'functions/weather/handlers/validate.ts': 566_000,
};
