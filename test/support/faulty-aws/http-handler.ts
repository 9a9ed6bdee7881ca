import { NodeHttpHandler } from '@smithy/node-http-handler';

/**
 * The SDK's own handler, for tests. Jest gives a test an `Error` that is not Node's, so the SDK does not take what Node throws for
 * an error and loses its name and code; here it is thrown again as one.
 */
export class TestHttpHandler extends NodeHttpHandler {
  override async handle(...request: Parameters<NodeHttpHandler['handle']>): ReturnType<NodeHttpHandler['handle']> {
    try {
      return await super.handle(...request);
    } catch (thrown) {
      throw ownError(thrown);
    }
  }
}

const ownError = (thrown: unknown): Error => {
  if (typeof thrown !== 'object' || thrown === null) return new Error(String(thrown));
  const text = (name: string): string => String(Reflect.get(thrown, name));
  const code = 'code' in thrown ? { code: text('code') } : {};
  return Object.assign(new Error(text('message')), { name: text('name') }, code);
};
