/** What a person who deploys can put right; the message says how, so it is shown without a stack trace. */
export class DeploymentError extends Error {
  override readonly name = 'DeploymentError';
}
