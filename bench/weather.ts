/*
 * The whole weather pipeline as a user runs it: `millrace run weather` over a year of NOAA lines, in memory and with --data,
 * and over half of the year, to show that memory does not grow with the input. Beside it the floor: each line once through
 * base64 and JSON.parse, in this process.
 *
 *   npm run bench -- weather        (needs ../shared/data; MILLRACE_BENCH_ROUNDS, default 3)
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Table from 'cli-table3';
import { median } from './support/compare.ts';

const ROOT = join(import.meta.dirname, '..');
const DATA = join(ROOT, '../shared/data/ghcnd');
const YEAR = join(DATA, '2016-us-hcn.csv.gz');
const ROUNDS = Number(process.env['MILLRACE_BENCH_ROUNDS'] ?? 3);

interface Usage {
  readonly seconds: number;
  readonly maxRssMb: number;
  readonly cpuSeconds: number;
}

const usageIn = (text: string): Omit<Usage, 'seconds'> => {
  const parsed: unknown = JSON.parse(text);
  const field = (name: string): number =>
    Number(typeof parsed === 'object' && parsed !== null && Reflect.get(parsed, name));
  return { maxRssMb: field('maxRssMb'), cpuSeconds: field('cpuSeconds') };
};

const run = async (folder: string, input: string, args: readonly string[]): Promise<Usage> => {
  const start = process.hrtime.bigint();
  const lists = ['stations.txt.gz', 'countries.txt', 'states.txt'].map((file) => join(DATA, `ghcnd-${file}`));
  const [stations = '', countries = '', states = ''] = lists;
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      '--max-semi-space-size=32',
      ...[
        '--import',
        join(import.meta.dirname, 'support/report-usage.ts'),
        join(ROOT, 'cli/millrace.js'),
        'run',
        'weather',
      ],
      ...['--input', input, '--stations', stations, '--countries', countries, '--states', states],
      ...['--out', join(folder, 'out'), ...args],
    ],
    { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] },
  );
  let printed = '';
  child.stdio[3]?.on('data', (chunk: unknown) => {
    printed += String(chunk);
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`millrace run ended with exit code ${String(code)}`);
  return { seconds: Number(process.hrtime.bigint() - start) / 1e9, ...usageIn(printed) };
};

const floorSeconds = (lines: readonly string[]): number => {
  const encoded = lines.map((line) => Buffer.from(JSON.stringify({ line })).toString('base64'));
  const start = process.hrtime.bigint();
  for (const one of encoded) JSON.parse(Buffer.from(one, 'base64').toString('utf8'));
  return Number(process.hrtime.bigint() - start) / 1e9;
};

if (!existsSync(YEAR)) {
  console.log('not run: ../shared/data has no ghcnd/2016-us-hcn.csv.gz');
} else {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  try {
    const lines = gunzipSync(readFileSync(YEAR)).toString('utf8').trimEnd().split('\n');
    const half = join(folder, 'half.csv');
    writeFileSync(half, `${lines.slice(0, lines.length / 2).join('\n')}\n`);
    const cases = [
      { name: 'in memory', input: YEAR, lines: lines.length, args: [] },
      { name: 'in memory, half the input', input: half, lines: Math.floor(lines.length / 2), args: [] },
      { name: 'with --data', input: YEAR, lines: lines.length, args: ['--data', join(folder, 'data')] },
    ];
    const table = new Table({ head: ['', 'lines/s median', 'CPU s', 'max RSS MB', 'time against the floor'] });
    const floors: number[] = [];
    const usages = cases.map((): Usage[] => []);
    for (let round = 0; round < ROUNDS; round++) {
      floors.push(floorSeconds(lines));
      for (const [index, one] of cases.entries()) {
        rmSync(join(folder, 'data'), { recursive: true, force: true });
        usages[index]?.push(await run(folder, one.input, one.args));
      }
    }
    const floorRate = lines.length / median(floors);
    table.push(['floor: base64 + JSON.parse', Math.round(floorRate).toLocaleString('en'), '', '', '1.0 x']);
    for (const [index, one] of cases.entries()) {
      const all = usages[index] ?? [];
      const rate = one.lines / median(all.map(({ seconds }) => seconds));
      const middle = (field: 'cpuSeconds' | 'maxRssMb'): string => median(all.map((usage) => usage[field])).toFixed(0);
      const against = `${(floorRate / rate).toFixed(1)} x`;
      table.push([one.name, Math.round(rate).toLocaleString('en'), middle('cpuSeconds'), middle('maxRssMb'), against]);
    }
    console.log(table.toString());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
