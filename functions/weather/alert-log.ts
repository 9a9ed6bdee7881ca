import { aggregate } from '../../shared/processor/aggregate.ts';
import { alerts } from './streams.ts';
import { alertLogTable } from './tables.ts';

/**
 * Keeps every alert, for queries by location and time. The key begins with the partition key of the alerts, so no two partition
 * keys share a row; an alert that is repeated replaces itself.
 */
export const alertLog = aggregate({
  id: 'weather/alert-log',
  from: alerts,
  key: ({ location, date, id }) => `${location}/${date}/${id}`,
  as: alertLogTable,
  initial: (alert) => alert,
  add: (_row, alert) => alert,
});
