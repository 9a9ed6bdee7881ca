import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseLogLine } from '../../../functions/weblog/log-line.ts';

const line = (part: {
  readonly user?: string;
  readonly time?: string;
  readonly request?: string;
  readonly result?: string;
  readonly agents?: string;
}): string => {
  const { user = '-', time = '17/May/2015:10:05:03 +0000', request = 'GET / HTTP/1.1', result = '200 7' } = part;
  return `10.0.0.1 - ${user} [${time}] "${request}" ${result} ${part.agents ?? '"-" "curl/8"'}`;
};

const requestOf = (text: string): unknown => {
  const parsed = parseLogLine(text);
  return parsed.kind === 'request' ? parsed.request : parsed;
};

describe('a good line', () => {
  test.each([
    ['a time zone east', line({ time: '17/May/2015:10:05:03 +0530' }), { timeMs: Date.UTC(2015, 4, 17, 4, 35, 3) }],
    ['a time zone west', line({ time: '01/Aug/1995:00:00:01 -0400' }), { timeMs: Date.UTC(1995, 7, 1, 4, 0, 1) }],
    ['a leap day', line({ time: '29/Feb/2000:23:59:59 +0000' }), { timeMs: Date.UTC(2000, 1, 29, 23, 59, 59) }],
    ['no bytes', line({ result: '304 -' }), { status: 304, bytes: 0 }],
    ['a user of two words', line({ user: 'Ada Lovelace' }), { url: '/' }],
    ['a URL with a space', line({ request: 'GET /my file.html HTTP/1.0' }), { url: '/my file.html' }],
    ['escaped quotes', line({ request: String.raw`GET /a\"b\"c HTTP/1.0` }), { url: String.raw`/a\"b\"c` }],
    ['plain quotes', line({ request: 'GET /say "hi" 5 HTTP/1.0' }), { url: '/say "hi" 5', status: 200 }],
    ['no version', line({ request: 'GET /' }), { url: '/' }],
    ['a proxy request', line({ request: 'CONNECT a.example:443 HTTP/1.1' }), { url: 'a.example:443' }],
    ['quotes in the user agent', line({ agents: String.raw`"-" "say \"200 5\" "` }), { status: 200, bytes: 7 }],
    ['letters of any script', line({ request: 'GET /møller/漢 HTTP/1.1' }), { url: '/møller/漢' }],
    [
      'a URL longer than a key',
      line({ request: `GET /${'a'.repeat(600)} HTTP/1.1` }),
      { url: expect.stringMatching(/^\/a{222}~[0-9a-f]{32}$/u) },
    ],
    ['a trace line', 'a.net\t-\t807256800\tHEAD\t/a b\t200\t9', { timeMs: 807_256_800_000, url: '/a b', bytes: 9 }],
    ['a trace line of nine fields', 'a.net\t-\t807256800\tGET\t/\t404\t-\t-\tcurl', { status: 404, bytes: 0 }],
  ])('may have %s', (_what, text, expected) => {
    expect(requestOf(text)).toMatchObject(expected);
  });

  test('may be a header of the trace, which is no request', () => {
    expect(parseLogLine('host\tlogname\ttime\tmethod\turl\tresponse\tbytes\treferer\tuseragent').kind).toBe('header');
  });
});

describe('a bad line has a reason', () => {
  const good = line({});
  test.each([
    ['nothing', '', 'not-a-log-line'],
    ['a stack trace', '    at main (app.js:1:1)', 'not-a-log-line'],
    ['bytes', '\u0000\u0001\ufffd\ufffd\u007f\u0003', 'not-a-log-line'],
    ['UTF-16 read as UTF-8', Array.from(good).join('\u0000'), 'not-a-log-line'],
    ['too much', `${good.slice(0, -1)}${'x'.repeat(40_000)}"`, 'too-long'],
    ['a request that is cut', good.slice(0, good.indexOf('HTTP')), 'cut-off'],
    ['bytes that are cut', good.slice(0, good.indexOf(' "-"')), 'cut-off'],
    ['a referrer that is cut', good.slice(0, good.indexOf('" "curl') - 1), 'cut-off'],
    ['a user agent that is cut', good.slice(0, -2), 'cut-off'],
    ['a trace line that is cut', 'a.net\t-\t807256800\tGET\t/a', 'cut-off'],
    ['a trace line that is cut before its bytes', 'a.net\t-\t807256800\tGET\t/a\t200\t', 'bad-bytes'],
    ['a day that does not exist', line({ time: '31/Feb/2015:10:05:03 +0000' }), 'bad-time'],
    ['a month that does not exist', line({ time: '17/Mai/2015:10:05:03 +0000' }), 'bad-time'],
    ['an hour that does not exist', line({ time: '17/May/2015:24:05:03 +0000' }), 'bad-time'],
    ['the year 1900', line({ time: '17/May/1900:10:05:03 +0000' }), 'bad-time'],
    ['the year 0000', line({ time: '17/May/0000:10:05:03 +0000' }), 'bad-time'],
    ['no zone', line({ time: '17/May/2015:10:05:03' }), 'bad-time'],
    ['a time of the trace that is no number', 'a.net\t-\t1e9\tGET\t/\t200\t9', 'bad-time'],
    ['no request', line({ request: '-', result: '408 -' }), 'bad-request'],
    ['TLS on a plain port', line({ request: String.raw`\x16\x03\x01` }), 'bad-request'],
    ['no URL', line({ request: 'GET' }), 'bad-request'],
    ['a URL of broken text', line({ request: 'GET /\ufffd HTTP/1.1' }), 'bad-request'],
    ['a method in small letters', line({ request: 'get / HTTP/1.1' }), 'bad-request'],
    ['a status out of range', line({ result: '600 7' }), 'bad-status'],
    ['a status that is no number', line({ result: 'OK 7' }), 'bad-status'],
    ['negative bytes', line({ result: '200 -7' }), 'bad-bytes'],
    ['bytes that no number can hold', line({ result: `200 ${'9'.repeat(20)}` }), 'bad-bytes'],
    ['bytes with a fraction', 'a.net\t-\t807256800\tGET\t/\t200\t9.5', 'bad-bytes'],
  ])('%s', (_what, text, reason) => {
    expect(parseLogLine(text)).toEqual({ kind: 'invalid', reason });
  });

  test('wherever a good line is cut, it is refused or says the same', () => {
    const whole = requestOf(good);
    for (let end = 0; end < good.length; end += 1) {
      const parsed = parseLogLine(good.slice(0, end));
      expect(parsed.kind === 'request' ? parsed.request : whole).toEqual(whole);
    }
  });

  test('any text is read to an answer', () => {
    const pieces = fc.constantFrom('"', '\\', ' ', '" "', '[', ']', '\t', '200', '-', 'GET / HTTP/1.1', '\ufffd', 'x');
    const anything = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(anything, anything, (one, other) => {
        expect(['request', 'header', 'invalid']).toContain(parseLogLine(one).kind);
        expect(['request', 'invalid']).toContain(parseLogLine(line({ request: one, agents: other })).kind);
      }),
    );
  });
});
