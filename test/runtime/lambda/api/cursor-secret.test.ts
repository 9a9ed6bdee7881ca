import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cursorSecret } from '../../../../shared/runtime/lambda/api/cursor.ts';
import { clientOptions } from '../../../support/faulty-aws/client-options.ts';
import { faultyService, type FaultyService, type Reaction } from '../../../support/faulty-aws/faulty-service.ts';

let service: FaultyService;
let client: SecretsManagerClient;
beforeAll(async () => {
  service = await faultyService();
  client = new SecretsManagerClient(clientOptions(service.endpoint));
});
afterAll(async () => {
  client.destroy();
  await service.close();
});

const secretOf = (text: string): Reaction => ({
  kind: 'answer',
  status: 200,
  contentType: 'application/x-amz-json-1.1',
  body: JSON.stringify({ SecretString: text }),
});
const SECRET = 's'.repeat(32);

test('the secret is fetched once', async () => {
  let fetches = 0;
  service.react = () => {
    fetches += 1;
    return secretOf(SECRET);
  };
  const secret = cursorSecret(() => client, 'arn');
  expect(await Promise.all([secret(), secret()])).toEqual([Buffer.from(SECRET), Buffer.from(SECRET)]);
  expect(await secret()).toEqual(Buffer.from(SECRET));
  expect(fetches).toBe(1);
});

test('a fetch that is never answered is given up, and the next caller fetches anew', async () => {
  service.react = () => ({ kind: 'silence' });
  const secret = cursorSecret(() => client, 'arn', 50);
  await expect(secret()).rejects.toThrow();
  service.react = () => secretOf(SECRET);
  expect(await secret()).toEqual(Buffer.from(SECRET));
});

test('a secret that can be guessed is refused', async () => {
  service.react = () => secretOf('s'.repeat(31));
  await expect(cursorSecret(() => client, 'arn')()).rejects.toThrow(/must have 32 bytes or more, got 31/);
});
