import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { reading, served } from './served.ts';

const JSON_TYPE = { 'content-type': 'application/json' } as const;
const NDJSON = { 'content-type': 'application/x-ndjson' } as const;
const EVENT = { 'content-type': 'application/cloudevents+json' } as const;
const BATCH = { 'content-type': 'application/cloudevents-batch+json' } as const;
const PLAIN = { 'content-type': 'text/plain' } as const;
const event = (rest: object): string =>
  JSON.stringify({ specversion: '1.0', id: '1', source: '/test', type: 'reading', ...rest });
const BINARY = {
  ...JSON_TYPE,
  'ce-specversion': '1.0',
  'ce-id': '1',
  'ce-source': '/test',
  'ce-type': 'reading',
} as const;
const data = { id: 'a', celsius: 1 };

/** A connection that says exactly what a test wants. */
const rawSocket = async (url: string, head: string): Promise<Socket> => {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(head.replaceAll('\n', '\r\n'));
  return socket;
};

const places = expect.objectContaining({
  shardId: expect.stringMatching(/^shardId-\d{12}$/),
  sequenceNumber: expect.stringMatching(/^\d{56}$/),
});

describe('what is taken is answered 202, with the place of each record in its stream', () => {
  test.each([
    ['a JSON document is one record', reading('a'), JSON_TYPE, 'readings', 1],
    [
      'a line of NDJSON is a record, an empty one is none',
      `${reading('a')}\n\n${reading('b')}\r\n`,
      NDJSON,
      'readings',
      2,
    ],
    ['a structured CloudEvent is its data', event({ data }), EVENT, 'readings', 1],
    ['data in base64 too', event({ data_base64: Buffer.from(reading('a')).toString('base64') }), EVENT, 'readings', 1],
    ['a batch of CloudEvents is a record an event', `[${event({ data })},${event({ data })}]`, BATCH, 'readings', 2],
    ['an empty batch is none', '[]', BATCH, 'readings', 0],
    ['a binary CloudEvent is its body', reading('a'), BINARY, 'readings', 1],
    ['a line of text is a record', 'one\ntwo\n', PLAIN, 'notes', 2],
    ['the text of a binary CloudEvent is one record', 'one\ntwo', { ...BINARY, ...PLAIN }, 'notes', 1],
    ['text may come as JSON', '"one\\ntwo"', JSON_TYPE, 'notes', 1],
    ['text may come as the data of an event', event({ data: 'one' }), EVENT, 'notes', 1],
    ['gzip is unpacked', gzipSync(reading('a')), { ...JSON_TYPE, 'content-encoding': 'gzip' }, 'readings', 1],
  ])('%s', async (_rule, body, headers, stream, count) => {
    const { post, end } = await served();
    const response = await post(typeof body === 'string' ? body : Uint8Array.from(body), headers, stream);
    expect([response.status, await response.json()]).toEqual([
      202,
      { stream, records: Array.from({ length: count }, () => places) },
    ]);
    expect(await end()).toEqual({ readings: 0, notes: 0, [stream]: count });
  });
});

describe('what is not taken gets a reason, and nothing of its request is taken', () => {
  test.each([
    ['bad JSON, with its position', '{"id":x}', JSON_TYPE, 400, { position: 6, line: 1, column: 7, index: 0 }],
    ['bad JSON in a line', `${reading('a')}\n{"id":\n`, NDJSON, 400, { position: 6, index: 1, line: 2 }],
    ['an empty body', '', JSON_TYPE, 400, { position: 0 }],
    ['NDJSON without a line', '\n', NDJSON, 400, { detail: expect.stringMatching(/no records/) }],
    [
      'bytes that are not UTF-8',
      Uint8Array.of(0x22, 0xff, 0x22),
      JSON_TYPE,
      400,
      { detail: expect.stringMatching(/not UTF-8/) },
    ],
    [
      'a value that its codec refuses',
      reading('a').replace('21', '"21"'),
      JSON_TYPE,
      422,
      { index: 0, reason: 'not a reading' },
    ],
    [
      'one such among good ones',
      `${reading('a')}\n{}\n${reading('b')}`,
      NDJSON,
      422,
      { index: 1, line: 2, reason: 'not a reading' },
    ],
    [
      'an array: many records have types of their own',
      `[${reading('a')}]`,
      JSON_TYPE,
      422,
      { reason: 'not a reading' },
    ],
    [
      'a record without partition key',
      reading(''),
      JSON_TYPE,
      422,
      { reason: expect.stringMatching(/0 characters; 1 to 256/) },
    ],
    [
      'a record above what a stream takes',
      JSON.stringify({ ...data, pad: 'x'.repeat(1 << 20) }),
      JSON_TYPE,
      422,
      { reason: expect.stringMatching(/max 1048576/) },
    ],
    [
      'an event without an id',
      event({ id: '', data }),
      EVENT,
      400,
      { detail: expect.stringMatching(/member id is missing or empty/) },
    ],
    [
      'an event of another version',
      event({ specversion: '0.3', data }),
      EVENT,
      400,
      { detail: expect.stringMatching(/"0\.3"/) },
    ],
    ['an event without data', event({}), EVENT, 422, { index: 0 }],
    [
      'an event whose integer would lose digits',
      event({ data }).replace('"a"', '12345678901234567890'),
      EVENT,
      422,
      { detail: expect.stringMatching(/lose digits/) },
    ],
    [
      'a binary event without its headers',
      reading('a'),
      { ...JSON_TYPE, 'ce-id': '1' },
      400,
      { detail: expect.stringMatching(/specversion/) },
    ],
    ['a batch with one bad event', `[${event({ data })},${event({ type: 1, data })}]`, BATCH, 400, { index: 1 }],
    ['a batch that is none', event({ data }), BATCH, 400, { detail: expect.stringMatching(/array of events/) }],
    [
      'another content type',
      '<a/>',
      { 'content-type': 'application/xml' },
      415,
      { allowed: expect.arrayContaining(['application/json']) },
    ],
    ['text for a stream of JSON', 'a', PLAIN, 415, { allowed: expect.not.arrayContaining(['text/plain']) }],
    ['another charset', reading('a'), { 'content-type': 'application/json; charset=latin1' }, 415, {}],
    [
      'another content encoding',
      reading('a'),
      { ...JSON_TYPE, 'content-encoding': 'br' },
      415,
      { allowed: ['gzip', 'identity'] },
    ],
    [
      'damaged gzip',
      Uint8Array.from(gzipSync(reading('a')).subarray(0, -4)),
      { ...JSON_TYPE, 'content-encoding': 'gzip' },
      400,
      { detail: expect.stringMatching(/not gzip/) },
    ],
    [
      'a small gzip that inflates above the limit',
      Uint8Array.from(gzipSync('x'.repeat(2_000_000))),
      { ...JSON_TYPE, 'content-encoding': 'gzip' },
      413,
      { maxBodyBytes: 1_500_000 },
    ],
    ['a web page', reading('a'), { ...JSON_TYPE, origin: 'https://example.org' }, 403, {}],
  ])('%s', async (_what, body, headers, status, members) => {
    const { post, end } = await served({ maxBodyBytes: 1_500_000 });
    const response = await post(body, headers);
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    expect(await response.json()).toEqual(expect.objectContaining({ status, detail: expect.any(String), ...members }));
    expect(await end()).toEqual({ readings: 0, notes: 0 });
  });

  test('a stream that a processor writes, or no stream, is 404 and names those that take records', async () => {
    const { post } = await served();
    for (const name of ['warm', 'other', '%E0']) {
      const response = await post(reading('a'), JSON_TYPE, name);
      expect([response.status, await response.json()]).toEqual([
        404,
        expect.objectContaining({ streams: ['readings', 'notes'] }),
      ]);
    }
  });

  test('another method is 405 and names those allowed; another path is 404; GET / says what there is', async () => {
    const { source } = await served();
    const put = await fetch(`${source.url}/streams/readings`, { method: 'PUT', body: reading('a') });
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'POST']);
    const post = await fetch(source.url, { method: 'POST' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await fetch(`${source.url}/stream/readings`)).status).toBe(404);
    expect(await (await fetch(source.url)).json()).toMatchObject({
      pipeline: 'house',
      streams: [{ name: 'readings', post: '/streams/readings' }, { name: 'notes' }],
      waitingRecords: 0,
    });
  });

  test('a body that says it is too large is 413 before any of it is sent, also where the client asks first', async () => {
    const { source, end } = await served();
    for (const expectation of ['', 'Expect: 100-continue\n']) {
      const head = `POST /streams/readings HTTP/1.1\nHost: a\nContent-Type: application/json\n${expectation}Content-Length: 100000000\n\n`;
      const socket = await rawSocket(source.url, head);
      const answer = await text(socket);
      expect(answer).toMatch(/^HTTP\/1\.1 413 Payload Too Large\r\n/);
    }
    expect((await end()).readings).toBe(0);
  });

  test('a body that grows too large is 413 after no more than the limit of it', async () => {
    const { source, end } = await served({ maxBodyBytes: 1_000 });
    const head =
      'POST /streams/readings HTTP/1.1\nHost: a\nContent-Type: application/json\nTransfer-Encoding: chunked\n\n';
    const socket = await rawSocket(source.url, head);
    socket.write(`1000\r\n${' '.repeat(0x1000)}\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 413 /);
    expect((await end()).readings).toBe(0);
  });

  test('a body that is half sent when the connection ends is not taken, and the server goes on', async () => {
    const { source, post, end } = await served();
    const line = `${reading('a')}\n`;
    const head = `POST /streams/readings HTTP/1.1\nHost: a\nContent-Type: application/x-ndjson\nContent-Length: ${String(line.length * 2)}\n\n`;
    for (const leave of [(socket: Socket) => socket.destroy(), (socket: Socket) => socket.end()]) {
      const socket = await rawSocket(source.url, head);
      socket.write(line);
      leave(socket.resume());
      await once(socket, 'close');
    }
    const chunked = await rawSocket(
      source.url,
      'POST /streams/readings HTTP/1.1\nHost: a\nContent-Type: application/x-ndjson\nTransfer-Encoding: chunked\n\n',
    );
    chunked.write(`${line.length.toString(16)}\r\n${line}\r\n`);
    chunked.resume().end();
    await once(chunked, 'close');
    expect((await post(reading('b'))).status).toBe(202);
    expect((await end()).readings).toBe(1);
  });
});

test('a server that ends answers what is whole, takes nothing that is half sent, and lets no connection stay', async () => {
  const { source, post, end } = await served();
  const head = 'POST /streams/readings HTTP/1.1\nHost: a\nContent-Type: application/json\nContent-Length: 100\n\n';
  const half = await rawSocket(source.url, head);
  half.write(reading('a'));
  expect((await post(reading('b'))).status).toBe(202);
  const closed = once(half.resume(), 'close');
  expect((await end()).readings).toBe(1);
  await closed;
  await expect(post(reading('c'))).rejects.toThrow();
});

test('while as many records wait as are allowed, more get 429 with Retry-After, and later they are taken', async () => {
  const { post, run, end } = await served({ maxWaitingRecords: 3 }, { isIdle: true });
  const first = post([1, 2, 3].map((at) => `${reading(String(at))}\n`).join(''), NDJSON);
  while (run.intake.waiting() < 3) await new Promise(setImmediate);
  const refused = await post(reading('a'));
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
  expect(await refused.json()).toMatchObject({ waitingRecords: 3 });
  const work = run.work();
  expect((await first).status).toBe(202);
  while (run.intake.waiting() > 0) await new Promise(setImmediate);
  expect((await post(reading('a'))).status).toBe(202);
  run.end();
  await work;
  expect((await end()).readings).toBe(4);
});

test('whatever is sent, what is taken is what was answered 202, no more and no less', async () => {
  const line = fc.constantFrom(reading('a'), reading('b', 1), '', '{"id":"a"}', '{"id', '"x"', '[1]');
  const request = fc.record({
    lines: fc.array(line, { maxLength: 5 }),
    type: fc.constantFrom('application/x-ndjson', 'application/json', 'text/plain', 'application/xml'),
    stream: fc.constantFrom('readings', 'notes', 'warm'),
    isGzip: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 12 }), async (requests) => {
      const { post, end } = await served({ maxWaitingRecords: 5 });
      const taken = { readings: 0, notes: 0 };
      await Promise.all(
        requests.map(async ({ lines, type, stream, isGzip }) => {
          const body = lines.join('\n');
          const response = isGzip
            ? await post(Uint8Array.from(gzipSync(body)), { 'content-type': type, 'content-encoding': 'gzip' }, stream)
            : await post(body, { 'content-type': type }, stream);
          const answer: unknown = await response.json();
          if (response.status !== 202) return;
          expect(answer).toHaveProperty('records');
          const { records } = Object.fromEntries(Object.entries(answer ?? {}));
          taken[stream === 'notes' ? 'notes' : 'readings'] += Array.isArray(records) ? records.length : Number.NaN;
        }),
      );
      expect(await end()).toEqual(taken);
    }),
    { numRuns: 25 },
  );
});
