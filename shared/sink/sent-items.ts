import { hash } from 'node:crypto';
import type { NotificationItem } from '../engine/ports.ts';

/** Knows which items reached which recipient lately; see {@link sentItems}. */
export interface SentItems {
  has(topic: string, recipient: string, item: Pick<NotificationItem, 'id'>): boolean;
  add(topic: string, recipient: string, item: Pick<NotificationItem, 'id'>): void;
}

/**
 * Remembers the newest `max` items by topic, recipient and id, and by nothing that depends on how a batch was cut.
 *
 * @example
 * ```ts
 * const sent = sentItems(1);
 * sent.add('topic', 'ann', { id: 'frost' });
 * sent.has('topic', 'ann', { id: 'frost' }); // true
 * sent.has('topic', 'bob', { id: 'frost' }); // false
 * ```
 */
export const sentItems = (max: number): SentItems => {
  const digests = new Set<string>();
  return {
    has: (topic, recipient, item) => digests.has(digestOf(topic, recipient, item)),
    add: (topic, recipient, item) => {
      digests.add(digestOf(topic, recipient, item));
      if (digests.size <= max) return;
      for (const first of digests) {
        digests.delete(first);
        return;
      }
    },
  };
};

const digestOf = (topic: string, recipient: string, { id }: Pick<NotificationItem, 'id'>): string =>
  hash('sha256', JSON.stringify([topic, recipient, id]), 'base64');
