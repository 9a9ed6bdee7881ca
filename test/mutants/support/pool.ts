import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Task, TaskEnd } from './worker.ts';

const WORKER = join(import.meta.dirname, 'worker.ts');
const EXEC_ARGV = ['--disable-warning=ExperimentalWarning', '--max-old-space-size=1500'];
/** Modules that were loaded once are never given back, so a worker ends after some tasks. */
const TASKS_PER_WORKER = 120;

/** How a task ended; without an answer, because the worker took too long or did not live to give one. */
export type PoolEnd = TaskEnd | { readonly kind: 'timed-out' } | { readonly kind: 'crashed'; readonly why: string };

/** A task and the time it may take. */
export interface PoolTask {
  readonly task: Task;
  readonly limitMs: number;
}

const isTaskEnd = (value: unknown): value is TaskEnd => typeof value === 'object' && value !== null && 'kind' in value;

const answerOf = async (child: ChildProcess, { task, limitMs }: PoolTask): Promise<PoolEnd> => {
  const controller = new AbortController();
  const { signal } = controller;
  const timer = setTimeout(() => controller.abort(), limitMs);
  try {
    const answer = once(child, 'message', { signal });
    const exit = once(child, 'exit', { signal });
    // The one that loses the race is given up below, which is no news.
    for (const waiting of [answer, exit]) waiting.catch(() => undefined);
    child.send(task);
    const came: readonly unknown[] = await Promise.race([answer, exit]);
    const [first, how] = came;
    if (isTaskEnd(first)) return first;
    // Its own watchdog did it.
    if (how === 'SIGKILL') return { kind: 'timed-out' };
    return { kind: 'crashed', why: `the process ended with ${String(first)}` };
  } catch {
    return { kind: 'timed-out' };
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
};

/** Does tasks in processes of their own, `workers` at a time, and hands over each end as soon as it is known. */
export const runPool = async <Job extends PoolTask>(
  jobs: readonly Job[],
  workers: number,
  onEnd: (job: Job, end: PoolEnd, tookMs: number) => void,
): Promise<void> => {
  const queue = jobs[Symbol.iterator]();
  const work = async (): Promise<void> => {
    let child: ChildProcess | undefined;
    let left = 0;
    for (const job of queue) {
      if (child === undefined || left === 0) {
        child?.kill('SIGKILL');
        child = fork(WORKER, { execArgv: EXEC_ARGV, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
        left = TASKS_PER_WORKER;
      }
      left -= 1;
      const started = performance.now();
      const end = await answerOf(child, job);
      onEnd(job, end, performance.now() - started);
      if (end.kind === 'timed-out' || end.kind === 'crashed') {
        child.kill('SIGKILL');
        child = undefined;
      }
    }
    child?.kill('SIGKILL');
  };
  await Promise.all(Array.from({ length: workers }, work));
};
