import { expect, test } from '@jest/globals';
import { fieldOf } from '../../../shared/runtime/field-of.ts';
import { millrace } from '../../cli/support/millrace.ts';
import { newFolder } from '../../cli/support/made-weather.ts';
import { resultRows } from '../../cli/support/result-rows.ts';
import { tempFiles } from '../../source/temp-files.ts';

const files = tempFiles();

const good = '10.0.0.1 - - [17/May/2015:10:05:00 +0000] "GET /a HTTP/1.1" 200 7 "-" "curl/8"';

test('the worst file a disk may hold is read to its end, and each bad line has its reason', async () => {
  const dirt: readonly (readonly [string, Buffer])[] = [
    ['too-long', Buffer.alloc(10_000_000, 'x')],
    ['too-long', Buffer.concat([Buffer.from(good.slice(0, -1)), Buffer.alloc(10_000_000, 'y'), Buffer.from('"')])],
    ['not-a-log-line', Buffer.from(Array.from({ length: 256 }, (_, at) => at).filter((byte) => byte !== 10))],
    ['not-a-log-line', Buffer.from(good, 'utf16le')],
    ['time-ahead', Buffer.from(good.replace('2015', '2099'))],
    ['bad-time', Buffer.from(good.replace('2015', '1900'))],
    ['cut-off', Buffer.from(good.slice(0, 50))],
  ];
  const lines = dirt.flatMap(([, line]) =>
    [good, line].map((one) => Buffer.concat([Buffer.from(one), Buffer.from('\n')])),
  );
  const latin1 = Buffer.from(`${good.replace('curl', 'møb')}\n`, 'latin1');
  const input = files.write(Buffer.concat([...lines, latin1, Buffer.from(good)]));
  const out = newFolder(files, 'worst');
  const { code, err } = await millrace(['run', 'weblog', '--input', input, '--out', out]);
  expect({ code, err }).toEqual({ code: 0, err: expect.any(String) });
  const reasons = resultRows(out, 'streams/weblog-invalid.jsonl').map((row) => fieldOf(row, 'reason'));
  expect(reasons.sort()).toEqual(dirt.map(([reason]) => reason).sort());
  expect(resultRows(out, 'streams/weblog-traffic.jsonl')).toEqual([
    { url: '/a', start: '2015-05-17T10:05:00.000Z', requests: dirt.length + 2, bytes: 7 * (dirt.length + 2) },
  ]);
});

test('a file that is no log is refused in one line', async () => {
  const other = files.write(Array.from({ length: 30 }, (_, at) => `${String(at)},not,a,log`).join('\n'));
  const { code, err } = await millrace(['run', 'weblog', '--input', other, '--out', newFolder(files, 'other')]);
  expect([code, err]).toEqual([2, expect.stringMatching(/none of the first \d+ lines is any of combined, nasa-tsv/u)]);
});
