/** A problem that the operator can fix. The message says how, so it is shown without a stack trace. */
export class DeploymentError extends Error {
  override readonly name = 'DeploymentError';
}
