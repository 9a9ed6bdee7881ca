/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '\\.aws\\.test\\.ts$'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  transform: { '\\.ts$': '<rootDir>/test/support/strip-types-transform.js' },
  injectGlobals: false,
  coverageProvider: 'v8',
  // Jest leaves one core to itself by default, which on two cores means one test file at a time.
  maxWorkers: '100%',
  // A limit for tests that hang, not for tests that are slow on a busy machine.
  testTimeout: 60_000,
};
