import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_PUBLISH_BATCH_BYTES } from '../../shared/aws/limits.ts';
import type { Message } from '../../shared/processor/notification.ts';
import { safeSubject, snsMessages, textParts, type SnsMessage } from '../../shared/sink/sns-message.ts';

const messagesOf = (parts: Partial<Message>): readonly SnsMessage[] =>
  snsMessages('weather-mail', { id: 'id-1', to: 'ann@example.org', subject: 'Frost', text: 'cold', ...parts });

describe('a subject', () => {
  test.each([
    ['accents are dropped', 'Kälte in Zürich', 'Kalte in Zurich'],
    ['line breaks and tabs become blanks', 'a\r\nb\tc', 'a b c'],
    ['what has no ASCII becomes a question mark', '-3 °C 🥶', '-3 ?C ?'],
    ['blanks around it are dropped', '  frost ', 'frost'],
  ])('%s', (_rule, subject, safe) => {
    expect(safeSubject(subject, '')).toBe(safe);
  });

  test('any text becomes what SNS takes: 1 to 100 printable ASCII characters that do not begin with a blank', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 300 }), (subject, text) => {
        for (const { Subject } of messagesOf({ subject, text })) {
          expect(Subject).toMatch(/^[!-~][ -~]{0,99}$/);
        }
      }),
    );
  });

  test('a long one is cut and says so', () => {
    const subject = safeSubject('x'.repeat(200), ' (1/2)');
    expect([subject.length, subject.slice(-10)]).toEqual([100, 'x... (1/2)']);
  });
});

describe('the parts of a text', () => {
  const lines = fc.string({ unit: fc.constantFrom('a', 'ä', '€', '🧊', '\n', ' '), maxLength: 400 });

  test('are the text when they are put together, and none is above the limit', () => {
    fc.assert(
      fc.property(lines, fc.integer({ min: 4, max: 50 }), (text, most) => {
        const parts = textParts(text, most);
        expect(parts.join('')).toBe(text);
        expect(parts.filter((part) => Buffer.byteLength(part) > most)).toEqual([]);
      }),
    );
  });

  test('end at line ends wherever a line fits into a part', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 9 })), (some) => {
        const text = some.map((line) => `${line.replaceAll('\n', '')}\n`).join('');
        expect(textParts(text, 10).filter((part) => part !== '' && !part.endsWith('\n'))).toEqual([]);
      }),
    );
  });
});

test('a message carries its notification, recipient and id as attributes, for filter policies', () => {
  expect(messagesOf({})).toEqual([
    {
      Subject: 'Frost',
      Message: 'cold',
      MessageAttributes: {
        notification: { DataType: 'String', StringValue: 'weather-mail' },
        recipient: { DataType: 'String', StringValue: 'ann@example.org' },
        id: { DataType: 'String', StringValue: 'id-1' },
      },
      sizeBytes: expect.any(Number),
    },
  ]);
});

test('a text above the size limit is sent in numbered parts, each with an id of its own', () => {
  const text = 'It will be cold in Zürich.\n'.repeat(20_000);
  const messages = messagesOf({ text });
  expect(messages.map(({ Subject }) => Subject)).toEqual(['Frost (1/3)', 'Frost (2/3)', 'Frost (3/3)']);
  expect(messages.map(({ MessageAttributes }) => MessageAttributes?.['id']?.StringValue)).toEqual([
    'id-1/1',
    'id-1/2',
    'id-1/3',
  ]);
  expect(messages.map(({ Message }) => Message).join('')).toBe(text);
  expect(messages.filter(({ sizeBytes }) => sizeBytes > MAX_PUBLISH_BATCH_BYTES)).toEqual([]);
});

test.each([
  ['a message without text carries its subject', { text: '' }, 'Frost'],
  [
    'what XML cannot carry is replaced, so that it cannot hold the message back',
    { text: 'a\u0000b\ud800c\n' },
    'a\ufffdb\ufffdc\n',
  ],
])('%s', (_rule, message, text) => {
  expect(messagesOf(message).map(({ Message }) => Message)).toEqual([text]);
});
