/** Text of a language that never was. */
export interface GeneratedText {
  /** The lines of a page, from 0; the same page always has the same ones. */
  linesOfPage(page: number): readonly string[];
}

const LINES_A_PAGE = 40;
const WORDS_A_LINE = 9;
const ONSETS = ['m', 'l', 'st', 'r', 'w', 'gr', 'n', 'th'] as const;
const VOWELS = ['a', 'e', 'i', 'o'] as const;
const CODAS = ['', 'll', 'n', 'rd', 's'] as const;

/** Generates text in which a few words are frequent and many are rare, as in any language. */
export const generatedText = ({ seed }: { readonly seed: number }): GeneratedText => ({
  linesOfPage: (page) => {
    const random = uniform(Math.imul(seed, 0x9e3779b1) ^ page);
    const word = (): string => wordAt(Math.floor(random() ** 4 * ONSETS.length * VOWELS.length * CODAS.length));
    return Array.from({ length: LINES_A_PAGE }, () => `${Array.from({ length: WORDS_A_LINE }, word).join(' ')}.`);
  },
});

const wordAt = (index: number): string => {
  const [onset, vowel] = [index % ONSETS.length, Math.floor(index / ONSETS.length) % VOWELS.length];
  const coda = Math.floor(index / (ONSETS.length * VOWELS.length)) % CODAS.length;
  return `${ONSETS[onset] ?? ''}${VOWELS[vowel] ?? ''}${CODAS[coda] ?? ''}`;
};

/** Uniform random numbers from 0 to below 1, of the quality that a demo needs: a linear congruential generator. */
const uniform = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
};
