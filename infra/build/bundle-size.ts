import type { Metafile } from 'esbuild';

/** The limit of every function, whatever its own budget: a cold start reads and compiles all of it. */
export const BUNDLE_LIMIT_BYTES = 600_000;

/**
 * Maximum bytes of a function's minified bundle: its size when the budget was set, plus 5 KB for growth that needs no thought. One
 * that is not listed has the limit of all.
 * Before raising one, look at what was added: `npm run bench -- bundles` shows it.
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

/** A part of a bundle. */
export interface BundlePart {
  /** A package, or a folder of this project. */
  readonly name: string;
  /** In the bundle, after tree-shaking. */
  readonly bytes: number;
}

const PACKAGE = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/;

/** The parts of a bundle, largest first. */
export const bundleContents = ({ outputs }: Metafile): readonly BundlePart[] => {
  const sizes = new Map<string, number>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = PACKAGE.exec(path)?.[1] ?? path.split('/').slice(0, 2).join('/');
      sizes.set(name, (sizes.get(name) ?? 0) + bytesInOutput);
    }
  }
  return [...sizes]
    .map(([name, bytes]) => ({ name, bytes }))
    .filter(({ bytes }) => bytes > 0)
    .sort((one, other) => other.bytes - one.bytes || (one.name < other.name ? -1 : 1));
};
