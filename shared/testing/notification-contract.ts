import assert from 'node:assert/strict';
import { isFailed, mail, rule, messagesTo, type ObservedOutputs } from './output-port-rule.ts';
import type { ContractRule } from './state-store-rule.ts';

/** The rules of an output port for notifications; run each on new outputs. */
export const notificationContract: readonly ContractRule<ObservedOutputs>[] = [
  rule(
    'a message arrives with its notification, id, subject and text, at the recipient of the delivery',
    async (observed) => {
      const text = 'ä 🧊\n\nsecond paragraph\n';
      const delivery = mail('ann@example.org', ['1'], () => ({
        id: 'm',
        to: 'bob@example.org',
        subject: 'Frost',
        text,
      }));
      assert.deepEqual(await observed.outputs.deliver([delivery]), ['delivered']);
      assert.deepEqual(await observed.messages(), [
        { notification: 'mail', message: { id: 'm', to: 'ann@example.org', subject: 'Frost', text } },
      ]);
    },
  ),
  rule('more messages than one call takes all arrive', async (observed) => {
    const deliveries = Array.from({ length: 23 }, (_, index) => mail(`p${index + 10}@example.org`, [String(index)]));
    assert.deepEqual(
      await observed.outputs.deliver(deliveries),
      deliveries.map(() => 'delivered'),
    );
    assert.deepEqual(
      await messagesTo(observed),
      deliveries.map(({ recipient, items }) => `${recipient}: ${items.map(({ id }) => id).join(' ')}`),
    );
  }),
  rule('an item that was sent is left out, however a batch is cut when it comes again', async (observed) => {
    await observed.outputs.deliver([mail('ann@example.org', ['1', '2']), mail('bob@example.org', ['1'])]);
    assert.deepEqual(
      await observed.outputs.deliver([mail('ann@example.org', ['2', '3']), mail('bob@example.org', ['2'])]),
      ['delivered', 'delivered'],
    );
    assert.deepEqual(await messagesTo(observed), [
      'ann@example.org: 1 2',
      'ann@example.org: 3',
      'bob@example.org: 1',
      'bob@example.org: 2',
    ]);
  }),
  rule(
    'a delivery whose items were all sent is delivered without a message, and nothing is composed',
    async (observed) => {
      await observed.outputs.deliver([mail('ann@example.org', ['1', '2'])]);
      const again = mail('ann@example.org', ['2'], () => {
        throw new Error('composed again');
      });
      assert.deepEqual(await observed.outputs.deliver([again]), ['delivered']);
      assert.deepEqual(await messagesTo(observed), ['ann@example.org: 1 2']);
    },
  ),
  rule('an item that two deliveries of one call bring is sent once', async (observed) => {
    const outcomes = await observed.outputs.deliver([
      mail('ann@example.org', ['1', '2']),
      mail('ann@example.org', ['2', '3']),
    ]);
    assert.deepEqual(outcomes, ['delivered', 'delivered']);
    assert.deepEqual(await messagesTo(observed), ['ann@example.org: 1 2', 'ann@example.org: 3']);
  }),
  rule('a digest that throws, or answers no message, fails its delivery and no other', async (observed) => {
    const wrong = ['x', 1, null, undefined, {}, { id: 'i', subject: 's' }, Promise.resolve({})];
    const deliveries = wrong.map((answer, index) => {
      // What user code in JavaScript may answer.
      const digest: unknown = () => answer;
      return Object.assign(mail(`p${index}@example.org`, ['1']), { digest });
    });
    const thrower = mail('ann@example.org', ['1'], () => {
      throw new TypeError('no such field');
    });
    const outcomes = await observed.outputs.deliver([...deliveries, thrower, mail('bob@example.org', ['1'])]);
    assert.deepEqual(outcomes.map(isFailed), [...wrong.map(() => true), true, false]);
    const reason = outcomes[wrong.length];
    assert.ok(typeof reason === 'object' && reason.failed.includes('no such field'));
    assert.deepEqual(await messagesTo(observed), ['bob@example.org: 1']);
  }),
];
