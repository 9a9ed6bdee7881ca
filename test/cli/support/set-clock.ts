/* Loaded before the command: starts the clock of its machine at another time, in milliseconds since 1970. */
const startedMs = Date.now();
const clockMs = Number(process.env['MILLRACE_TEST_CLOCK_MS']);
Date.now = (
  (now: () => number) => () =>
    clockMs + now() - startedMs
)(Date.now.bind(Date));
