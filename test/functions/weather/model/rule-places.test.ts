import { expect, test } from '@jest/globals';
import { parseAlertRules } from '../../../../functions/weather/model/alert-rule-list.ts';
import { unmatchableRule } from '../../../../functions/weather/model/rule-places.ts';
import type { Station } from '../../../../functions/weather/model/station.ts';

const STATES = ['AZ', 'AK', 'AL', 'CA', 'CO', 'NY', 'OK', 'TX', 'VT'];
const made: readonly Station[] = [
  ...STATES.map((state, at) => ({ id: `USC0000000${String(at)}`, country_code: 'US', state_code: state })),
  { id: 'GME00102292', country_code: 'GM' },
].map((one) => ({ ...one, location: { lat: 0, lon: 0 }, name: 'X' }));
const stations = new Map(made.map((one) => [one.id, one]));

const faultOf = (place: object): string | undefined => {
  const rule = { id: 'frost', email: 'a@b.c', element: 'TMIN', op: '<=', threshold: 1, mode: 'every', ...place };
  return unmatchableRule(parseAlertRules({ file: 'r', text: JSON.stringify(rule) }), stations);
};

test.each([
  [
    { location: 'US' },
    "rule 'frost' can never match: no station is in 'US'; locations of US are US-AK, US-AL, US-AZ, US-CA, US-CO, US-NY, US-OK, US-TX, ... (9 in all)",
  ],
  [{ location: 'GM-BE' }, "rule 'frost' can never match: no station is in 'GM-BE'; locations of GM are GM"],
  [
    { location: 'DA' },
    "rule 'frost' can never match: no station is in 'DA'; locations are GM, US-AK, US-AL, US-AZ, US-CA, US-CO, US-NY, US-OK, ... (10 in all)",
  ],
  [
    { station_id: 'USC00028815' },
    "rule 'frost' can never match: no station of the list is 'USC00028815'; check the ID, or name the list that has it",
  ],
])('a rule about %j, where no station is, can never match', (place, fault) => {
  expect(faultOf(place)).toBe(fault);
});

test.each([{ location: 'US-AZ' }, { location: 'GM' }, { station_id: 'USC00000000' }, {}])(
  'a rule about %j may match',
  (place) => {
    expect(faultOf(place)).toBeUndefined();
  },
);
