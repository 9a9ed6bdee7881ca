import { Worker } from 'node:worker_threads';

/** What the process may use until it is ended, in milliseconds of processor time since it began. */
const limit = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
limit[0] = Infinity;

const LOOK_EVERY_MS = 250;

// An endless loop cannot stop itself, and on a busy machine the time on the wall says little: another thread looks at the processor's.
const WATCH = `
  const { workerData } = require('node:worker_threads');
  setInterval(() => {
    const { user, system } = process.cpuUsage();
    if ((user + system) / 1000 > workerData[0]) process.kill(process.pid, 'SIGKILL');
  }, ${LOOK_EVERY_MS});
`;

new Worker(WATCH, { eval: true, workerData: limit }).unref();

/** Lets the process use this much processor time from now on, in milliseconds; then it is killed. */
export const allowCpu = (ms: number): void => {
  const { user, system } = process.cpuUsage();
  limit[0] = (user + system) / 1000 + ms;
};
