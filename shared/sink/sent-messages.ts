import { hash } from 'node:crypto';
import type { SnsMessage } from './sns-message.ts';

/** Knows the messages that have left lately; see {@link sentMessages}. */
export interface SentMessages {
  has(topic: string, message: SnsMessage): boolean;
  add(topic: string, message: SnsMessage): void;
}

/**
 * Remembers so many messages, the newest. A message counts as the same only with the same id and the same text: to say
 * something twice is better than not to say it.
 *
 * @example
 * ```ts
 * const sent = sentMessages(1);
 * sent.add('topic', { Message: 'cold', sizeBytes: 4 });
 * sent.has('topic', { Message: 'cold', sizeBytes: 4 }); // true
 * sent.has('topic', { Message: 'warm', sizeBytes: 4 }); // false
 * ```
 */
export const sentMessages = (most: number): SentMessages => {
  const digests = new Set<string>();
  return {
    has: (topic, message) => digests.has(digestOf(topic, message)),
    add: (topic, message) => {
      digests.add(digestOf(topic, message));
      if (digests.size <= most) return;
      for (const oldest of digests) {
        digests.delete(oldest);
        return;
      }
    },
  };
};

const digestOf = (topic: string, message: SnsMessage): string => hash('sha256', JSON.stringify([topic, message]));
