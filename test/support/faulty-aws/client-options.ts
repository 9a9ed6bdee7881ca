import { TestHttpHandler } from './http-handler.ts';

/** How clients of a faulty service are made; one attempt a call, as everywhere. */
export const clientOptions = (
  endpoint: string,
): {
  readonly region: string;
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts: number;
  readonly requestHandler: TestHttpHandler;
} => ({
  region: 'us-east-1',
  endpoint,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
  requestHandler: new TestHttpHandler(),
});
