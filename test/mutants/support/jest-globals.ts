import { expect } from 'expect';
import { ModuleMocker } from 'jest-mock';

// What `@jest/globals` is where Jest's own parts run without its sandbox, which would load every module anew for every file.
export { afterAll, afterEach, beforeAll, beforeEach, describe, it, test } from 'jest-circus';
export { expect };
/** Mocks and spies; nothing is hoisted, and modules cannot be replaced. */
export const jest: ModuleMocker = new ModuleMocker(globalThis);
