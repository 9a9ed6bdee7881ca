import { beforeEach, describe, expect, test } from '@jest/globals';
import { call, errorCode, pagesOf, type Answered } from '../../../../runtime/lambda/api/support/call.ts';
import { weatherApi, type WeatherApi } from './weather-api.ts';

const FROST = { email: 'a@example.org', element: 'TMIN', op: '<=', threshold: 0, mode: 'every' };

let weather: WeatherApi;
beforeEach(async () => {
  weather = await weatherApi([]);
});
const put = (url: string, body: unknown): Promise<Answered> =>
  call(weather.handler, {
    method: 'PUT',
    url,
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

const IDS = ['frost', 'a/b', 'M\u00fcnchen 50%', 'a%2Fb', '__proto__', 'constructor', '\u6f22'.repeat(100), '#1 + 2'];

test.each(IDS)('a rule named %j is made, read, replaced and removed', async (id) => {
  const url = `/rules/${encodeURIComponent(id)}`;
  const rule = { id, ...FROST };
  expect(await put(url, FROST)).toMatchObject({ status: 200, body: { key: id, value: rule } });
  expect(await weather.rules.row(id)).toEqual(rule);
  expect(await call(weather.handler, url)).toMatchObject({ status: 200, body: { key: id, value: rule } });
  const warmer = { ...rule, threshold: 5 };
  expect(await put(url, warmer)).toMatchObject({ status: 200, body: { key: id, value: warmer } });
  expect(await call(weather.handler, '/rules')).toMatchObject({ body: { rows: [{ key: id, value: warmer }] } });
  const removal = { method: 'DELETE', url };
  expect(await call(weather.handler, removal)).toMatchObject({ status: 204, body: undefined });
  expect(await call(weather.handler, removal)).toMatchObject({ status: 404 });
  expect(await call(weather.handler, url)).toMatchObject({ status: 404 });
});

test('a rule whose id no path can carry is named in the query', async () => {
  const url = '/rules?id=what%3F';
  expect(await put(url, FROST)).toMatchObject({ status: 200, body: { key: 'what?' } });
  expect(await call(weather.handler, url)).toMatchObject({ status: 200, body: { value: { id: 'what?', ...FROST } } });
  expect((await call(weather.handler, { method: 'DELETE', url })).status).toBe(204);
});

test('a change without an id changes nothing', async () => {
  for (const answer of [await put('/rules', FROST), await call(weather.handler, { method: 'DELETE', url: '/rules' })]) {
    expect([answer.status, errorCode(answer)]).toEqual([400, 'bad-parameter']);
  }
});

describe('what is no rule is refused in the words of the rules file', () => {
  test.each<readonly [unknown, string]>([
    [
      { ...FROST, email: 'no-address' },
      'not a rule: email must be one address such as name@example.org, got "no-address"',
    ],
    [{ ...FROST, op: '=' }, 'not a rule: op must be "<=", "<", ">=" or ">", got "="'],
    [
      { ...FROST, treshold: 1 },
      'not a rule: no such field "treshold"; allowed are id, email, element, op, threshold, ',
    ],
    [{ ...FROST, reminderDays: 2 }, 'not a rule: reminderDays is only for "mode": "episode"'],
    [{ ...FROST, station_id: 'USC00028815', location: 'US-AZ' }, 'not a rule: station_id and location are both given'],
    [{ ...FROST, threshold: undefined }, 'not a rule: threshold is missing'],
    [`{"__proto__":{"threshold":1},"id":"frost"}`, 'not a rule: no such field "__proto__"'],
    [[FROST], 'not a rule: a rule must be a JSON object, got [{'],
    [null, 'not a rule: a rule must be a JSON object, got null'],
    ['"frost"', 'not a rule: a rule must be a JSON object, got "frost"'],
    [{ ...FROST, id: 'snow' }, 'not a rule: its id "snow" is not the one it is put under, "frost"'],
    [{ ...FROST, id: null }, 'not a rule: id must be 1 to 100 printable characters, got null'],
    [JSON.stringify(FROST).replace(':0', ':1e999'), 'not a rule: threshold must be a number'],
  ])('%j', async (body, message) => {
    const answer = await put('/rules/frost', body);
    expect([answer.status, answer.body]).toMatchObject([400, { error: { code: 'bad-body' } }]);
    expect(JSON.stringify(answer.body)).toContain(JSON.stringify(message).slice(1, -1));
    expect(await weather.rules.row('frost')).toBeUndefined();
  });

  test('also where it is nested as deep as a body can be', async () => {
    for (const levels of [2, 8000]) {
      const deep = await put('/rules/frost', `{"id":${'['.repeat(levels)}${']'.repeat(levels)}}`);
      expect([deep.status, errorCode(deep)]).toEqual([400, 'bad-body']);
    }
  });

  test('a path that is no id of a rule is no place to put one', async () => {
    for (const id of ['x'.repeat(101), '%20', 'a%0Bb', 'a%C2%85b']) {
      expect((await put(`/rules/${id}`, FROST)).status).toBe(400);
    }
  });
});

test('all rules are listed in pages, each once and in the order of their ids', async () => {
  const ids = Array.from({ length: 7 }, (_, index) => `rule-${String(index)}`);
  for (const id of ids.toReversed()) await put(`/rules/${id}`, FROST);
  expect(await pagesOf(weather.handler, '/rules?limit=3')).toEqual([ids.slice(0, 3), ids.slice(3, 6), ids.slice(6)]);
  expect(errorCode(await call(weather.handler, '/rules?from=a'))).toBe('bad-parameter');
});
