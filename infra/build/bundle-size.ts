import type { Metafile } from 'esbuild';

/** The budget of every function that has none of its own, and the limit of those that have: a cold start reads and compiles all of it. */
export const BUNDLE_LIMIT_BYTES = 600_000;

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
