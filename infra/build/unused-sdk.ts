import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/** A part of the AWS SDK that a function never runs, and what stands in for it. */
interface UnusedPart {
  /** The import's path, as the SDK writes it. */
  readonly path: RegExp;
  /** An ES module with the exports the SDK takes from the part. */
  readonly standIn: string;
}

const PARTS: readonly UnusedPart[] = [
  {
    // Credential providers that read a developer's profile, run a program or sign in. Lambda passes credentials in the
    // environment. The providers for containers and instances stay. Behaves like a provider that found nothing, so the chain
    // continues with the next one.
    path: /^@aws-sdk\/credential-provider-(?:ini|process|sso|web-identity)$/,
    standIn: `
      const none = () => async () => {
        throw Object.assign(new Error('a function has no profile to take credentials from'), { tryNextLink: true });
      };
      export { none as fromIni, none as fromProcess, none as fromSSO, none as fromTokenFile };
    `,
  },
  {
    // Only SubscribeToShard of Kinesis and SelectObjectContent of S3 answer in events.
    path: /^@smithy\/core\/event-streams$/,
    standIn: `
      export const resolveEventStreamSerdeConfig = (config) => config;
      export const eventStreamSerdeProvider = () => undefined;
      export class EventStreamSerde {
        constructor() {
          throw new Error('a function is bundled without event streams');
        }
      }
    `,
  },
];

const NAMESPACE = 'unused-sdk';

/** A client imports its whole `package.json` to name its version in the user agent. */
const CLIENT_PACKAGE = /[/\\]@aws-sdk[/\\]client-[^/\\]+[/\\]package\.json$/;

/** Leaves the parts of the AWS SDK out of a bundle that no function runs: a fifth of it. */
export const withoutUnusedSdk: Plugin = {
  name: NAMESPACE,
  setup: (esbuild) => {
    for (const { path: filter, standIn } of PARTS) {
      esbuild.onResolve({ filter }, ({ path }) => ({
        path,
        namespace: NAMESPACE,
        sideEffects: false,
        pluginData: standIn,
      }));
    }
    esbuild.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ pluginData }) => ({
      contents: String(pluginData),
      loader: 'js',
    }));
    esbuild.onLoad({ filter: CLIENT_PACKAGE }, async ({ path }) => ({
      contents: JSON.stringify(JSON.parse(await readFile(path, 'utf8')), ['version']),
      loader: 'json',
    }));
  },
};
