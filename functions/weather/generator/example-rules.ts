import { AlertMode, type AlertRule, ComparisonOp } from '../model/alert-rule.ts';
import type { Station } from '../model/station.ts';

/** Rules that the generator's weather triggers: some every winter or summer, two only in its cold wave. */
export const exampleRules = (stations: readonly Station[]): readonly AlertRule[] => {
  const highest = stations.toSorted((one, other) => (other.elevation ?? 0) - (one.elevation ?? 0));
  const garden = highest.find(({ state_code: state }) => state === 'AZ') ?? highest[0];
  return [
    ...(garden === undefined ? [] : [frostRule(garden)]),
    {
      id: 'texas-hard-freeze',
      email: 'grid-desk@example.org',
      element: 'TMIN',
      op: ComparisonOp.AtMost,
      threshold: -12,
      location: 'US-TX',
      mode: AlertMode.Episode,
      reminderDays: 3,
    },
    {
      id: 'oklahoma-hard-freeze',
      email: 'ranch@example.org',
      element: 'TMIN',
      op: ComparisonOp.Below,
      threshold: -18,
      location: 'US-OK',
      mode: AlertMode.Episode,
      reminderDays: 2,
    },
    {
      id: 'arizona-heat',
      email: 'clinic@example.org',
      element: 'TMAX',
      op: ComparisonOp.AtLeast,
      threshold: 44,
      location: 'US-AZ',
      mode: AlertMode.Episode,
      reminderDays: 7,
    },
    {
      id: 'heavy-rain',
      email: 'flood-watch@example.org',
      element: 'PRCP',
      op: ComparisonOp.Above,
      threshold: 160,
      mode: AlertMode.Every,
    },
    {
      id: 'gale',
      email: 'airfield@example.org',
      element: 'WSF2',
      op: ComparisonOp.AtLeast,
      threshold: 19,
      mode: AlertMode.Every,
    },
    {
      id: 'deep-snow',
      email: 'ploughs@example.org',
      element: 'SNWD',
      op: ComparisonOp.AtLeast,
      threshold: 450,
      location: 'US-MN',
      mode: AlertMode.Episode,
    },
  ];
};

const frostRule = (station: Station): AlertRule => ({
  id: 'garden-frost',
  email: 'gardener@example.org',
  element: 'TMIN',
  op: ComparisonOp.AtMost,
  threshold: -5,
  station_id: station.id,
  mode: AlertMode.Every,
});
