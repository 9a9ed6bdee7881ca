import { test } from '@jest/globals';
import { describeWithData } from '../../support/real-data.ts';

// Run by Jest as a test file of its own: see ../required-data.test.ts.
describeWithData('a rule over real data', ['no-such-file.csv.gz'], () => {
  test('never run', () => undefined);
});
