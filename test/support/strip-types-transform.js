import { createHash } from 'node:crypto';
import { stripTypeScriptTypes } from 'node:module';

/**
 * Jest transform: TypeScript in, JavaScript out, by the same type stripping that runs the files outside of Jest.
 *
 * Types become spaces, so every line and column stays where it is and no source map is needed.
 */
export default {
  /** @param {string} source */
  process: (source) => ({ code: stripTypeScriptTypes(source, { mode: 'strip' }) }),

  /**
   * @param {string} source
   * @param {string} path
   * @param {{ readonly instrument: boolean }} options
   */
  getCacheKey: (source, path, { instrument }) =>
    createHash('sha256')
      .update(JSON.stringify([process.version, path, instrument]))
      .update(source)
      .digest('hex'),
};
