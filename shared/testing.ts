/*
 * The public names of `millrace/testing`: the test driver, the faults it takes, and the rules that adapters must pass.
 */
export { testDriver, type DriverStream, type TestDriver, type TestDriverOptions } from './testing/test-driver.ts';
export {
  crash,
  duplicateDelivery,
  lostAnswer,
  partialPut,
  reshard,
  throttledWrite,
  zombie,
  type InputFault,
} from './testing/fault-host.ts';
export type { IoPoint } from './testing/faults.ts';
export type { ContractRule } from './testing/state-store-rule.ts';
export { codecContract, type CodecUnderTest } from './testing/codec-contract.ts';
export { stateStoreContract } from './testing/state-store-contract.ts';
