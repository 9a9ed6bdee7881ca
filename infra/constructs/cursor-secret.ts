import { ArnFormat, Stack, Validations } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { DeploymentContext } from '../deployment/context.ts';
import { dataPolicy } from '../deployment/data-policy.ts';

/** Signing needs 32 bytes; a generated letter or digit has almost 6 bits. */
const SECRET_CHARS = 64;

/** Options of {@link CursorSecret}. */
export interface CursorSecretProps {
  readonly context: DeploymentContext;
}

/** The key that the query API signs its cursors with, so that none can be forged. AWS generates it; it is in no template or variable. */
export class CursorSecret extends Secret {
  readonly arnForFunctions: string;

  constructor(scope: Construct, id: string, { context }: CursorSecretProps) {
    const stack = Stack.of(scope);
    // Emulators resolve a reference to the name instead of the ARN, so on a local target the name must be known beforehand.
    const localName = context.target === 'local' ? `${stack.stackName}-cursors` : undefined;
    super(scope, id, {
      description: 'Signs the cursors of the query API',
      generateSecretString: { passwordLength: SECRET_CHARS, excludePunctuation: true },
      removalPolicy: dataPolicy(context),
      ...(localName !== undefined && { secretName: localName }),
    });
    this.arnForFunctions =
      localName === undefined
        ? this.secretArn
        : stack.formatArn({
            service: 'secretsmanager',
            resource: 'secret',
            resourceName: localName,
            arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'Rotation would invalidate every cursor in use; after a leak, set a new value by hand.',
    });
  }
}
