import { expect, test } from '@jest/globals';
import { NOTHING_WRONG, simulate, THOUSAND_SCHEDULES_MS } from '../support/simulation-process.ts';

test(
  'a thousand schedules of faults lose no record and double no effect',
  async () => {
    const ended = await simulate('--from', '0', '--seeds', '1000');
    expect(ended).toMatchObject(NOTHING_WRONG);
    expect(ended.output).toContain('schedules: 1000,');
  },
  THOUSAND_SCHEDULES_MS,
);
