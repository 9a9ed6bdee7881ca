import { ArnFormat, Stack, Validations } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { DeploymentContext } from '../context.ts';
import { dataPolicy } from '../data-policy.ts';

/** Sealing wants 32 bytes; a generated letter or digit has almost 6 bits. */
const SECRET_CHARS = 64;

/** What the query API seals its cursors with, so that nobody makes one up. Generated, and never in a template or variable. */
export class CursorSecret extends Secret {
  readonly arnForFunctions: string;

  constructor(scope: Construct, id: string, context: DeploymentContext) {
    const stack = Stack.of(scope);
    // Emulators answer a reference with the name, so where they may be at work it must be known without asking them.
    const localName = context.target === 'local' ? `${stack.stackName}-cursors` : undefined;
    super(scope, id, {
      description: 'Seals the cursors of the query API',
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
      reason: 'Rotation would end every cursor that is in use; after a leak a new value is put in by hand.',
    });
  }
}
