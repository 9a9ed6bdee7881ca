import base from './jest.config.js';

/** Tests that need an endpoint which speaks AWS; `npm run test:aws` finds or starts one. @type {import('jest').Config} */
export default {
  ...base,
  testMatch: ['<rootDir>/test/**/*.aws.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
};
