import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

const LEAST_BYTES = 32;
const LONGEST_FETCH_MS = 5_000;

/**
 * The secret that cursors are sealed with, fetched when it is first needed and once; a fetch that fails is tried again by who
 * asks next. Rejects for a secret shorter than 32 bytes.
 */
export const cursorSecret = (
  client: () => SecretsManagerClient,
  arn: string,
  longestFetchMs = LONGEST_FETCH_MS,
): (() => Promise<Uint8Array>) => {
  let fetched: Promise<Uint8Array> | undefined;
  return () =>
    (fetched ??= fetchSecret(client(), arn, longestFetchMs).catch((error: unknown) => {
      fetched = undefined;
      throw error;
    }));
};

const fetchSecret = async (client: SecretsManagerClient, arn: string, longestMs: number): Promise<Uint8Array> => {
  // A fetch that was under way when the environment was frozen may never be answered, and all who ask wait for this one.
  const abortSignal = AbortSignal.timeout(longestMs);
  const command = new GetSecretValueCommand({ SecretId: arn });
  const { SecretString: text, SecretBinary: binary } = await client.send(command, { abortSignal });
  const secret = binary ?? Buffer.from(text ?? '');
  if (secret.length < LEAST_BYTES) {
    throw new RangeError(
      `the secret ${arn} must have ${String(LEAST_BYTES)} bytes or more, got ${String(secret.length)}`,
    );
  }
  return secret;
};
