import type { Plugin } from 'esbuild';

/** Providers of credentials that read a developer's profile, run a program or sign in: nothing a function has. */
const DEVELOPERS = /^@aws-sdk\/credential-provider-(?:ini|process|sso|web-identity)$/;

const NAMESPACE = 'no-developer-credentials';

/** Answers like a provider that has found nothing, so that the chain goes on to the next one. */
const STUB = `
  const none = () => async () => {
    throw Object.assign(new Error('a function has no profile to take credentials from'), { tryNextLink: true });
  };
  export { none as fromIni, none as fromProcess, none as fromSSO, none as fromTokenFile };
`;

/**
 * Leaves a sixth of the SDK out of a function. Lambda gives credentials in the environment, and those of containers and
 * instances are still found; the rest of the chain is for people and other machines.
 */
export const withoutDeveloperCredentials: Plugin = {
  name: NAMESPACE,
  setup: (build) => {
    build.onResolve({ filter: DEVELOPERS }, ({ path }) => ({ path, namespace: NAMESPACE, sideEffects: false }));
    build.onLoad({ filter: /.*/, namespace: NAMESPACE }, () => ({ contents: STUB, loader: 'js' }));
  },
};
