/** What a run has lost, doubled, or made differently, for people. */
export interface Verdict {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly different: readonly string[];
}
