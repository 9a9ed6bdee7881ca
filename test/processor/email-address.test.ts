import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isEmailAddress } from '../../shared/processor/email-address.ts';

describe('e-mail addresses', () => {
  test.each([
    'a@b.co',
    'frost.watch+az@mail.example.org',
    "o'neil@example.org",
    `${'x'.repeat(64)}@example.org`,
    'a@xn--bcher-kva.example',
  ])('%s is one', (address) => {
    expect(isEmailAddress(address)).toBe(true);
  });

  test.each([
    '',
    'frost',
    '@example.org',
    'frost@',
    'frost@localhost',
    'a@b@example.org',
    'a b@example.org',
    '.a@example.org',
    'a..b@example.org',
    'a@-b.org',
    'a@b..org',
    'a@10.0.0.1',
    'a@example.org\n',
    'a@example.org\r\nBcc: b@example.org',
    'a@example.org,b@example.org',
    '<a@example.org>',
    '"a b"@example.org',
    'ä@example.org',
    `${'x'.repeat(65)}@example.org`,
    `a@${'x'.repeat(64)}.org`,
    `a@${'b.'.repeat(130)}org`,
  ])('%j is none', (address) => {
    expect(isEmailAddress(address)).toBe(false);
  });

  test('an address has no character that could end a header or begin another recipient', () => {
    const almost = fc
      .tuple(fc.string({ unit: 'binary', maxLength: 8 }), fc.string({ unit: 'binary', maxLength: 8 }))
      .map(([one, other]) => `a${one}@b${other}.org`);
    fc.assert(
      fc.property(almost, (address) => {
        if (isEmailAddress(address)) expect(address).not.toMatch(/[\s,;:<>()"\\[\]\u0000-\u001f\u007f-\uffff]/);
      }),
      { numRuns: 1_000 },
    );
  });
});
