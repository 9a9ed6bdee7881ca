import { jsonDocumentLines } from './json-document.ts';
import type { LineFormat } from './line-format.ts';

/** One observation as a JSON document on each line, flat or as this pipeline writes them; see {@link jsonDocumentLines}. */
export const noaaJson: LineFormat = {
  name: 'noaa-json',
  open: () => ({ read: (lines) => lines.flatMap(jsonDocumentLines), end: () => [] }),
};
