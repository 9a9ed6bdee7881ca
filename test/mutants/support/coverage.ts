import { Session, type Profiler } from 'node:inspector/promises';
import type { Mutation } from './mutations.ts';
import { projectPath } from './mutant-loader.ts';

const isRun = (ranges: readonly Profiler.CoverageRange[], offset: number): boolean => {
  let inner: Profiler.CoverageRange | undefined;
  for (const range of ranges) {
    if (range.startOffset > offset || range.endOffset <= offset) continue;
    if (inner === undefined || range.endOffset - range.startOffset <= inner.endOffset - inner.startOffset)
      inner = range;
  }
  return inner !== undefined && inner.count > 0;
};

let opened: Promise<Session> | undefined;

const open = async (): Promise<Session> => {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  return session;
};

/** The mutations in code that ran since the last call. Type stripping keeps every offset where it is. */
export const takeReached = async (mutations: ReadonlyMap<string, readonly Mutation[]>): Promise<readonly string[]> => {
  opened ??= open();
  const { result } = await (await opened).post('Profiler.takePreciseCoverage');
  return result.flatMap(({ url, functions }) => {
    const inFile = mutations.get(projectPath(url) ?? '') ?? [];
    const ranges = functions.flatMap((one) => one.ranges);
    return inFile.filter(({ start }) => isRun(ranges, start)).map(({ id }) => id);
  });
};
