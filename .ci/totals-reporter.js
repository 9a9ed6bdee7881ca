import { writeFileSync } from 'node:fs';

/**
 * @typedef {object} Totals
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numRuntimeErrorTestSuites
 */

/** Jest reporter that writes the closing line of `.ci/run`, from Jest's own result, into the file named by JEST_TOTALS. */
export default class TotalsReporter {
  /**
   * @param {unknown} _contexts
   * @param {Totals} result
   */
  onRunComplete(_contexts, result) {
    const file = process.env['JEST_TOTALS'];
    if (file === undefined) throw new Error('JEST_TOTALS names no file: set it to where the totals are to be written');
    // A test file that could not even be loaded has no failed test in it, and has failed all the same.
    const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
    writeFileSync(file, `${result.numPassedTests} passed, ${failed} failed\n`);
  }
}
