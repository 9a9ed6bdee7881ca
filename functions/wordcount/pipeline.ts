import { demo, pipeline, wholeNumber, type Pipeline } from '../../shared/index.ts';
import { generatedText } from './demo.ts';
import { counts, recent, wordcount as wordcountTopology } from './topology.ts';

/** Counts of words, rolling and in windows of five seconds. Lines happen when they arrive. */
export const wordcount: Pipeline = pipeline({
  topology: wordcountTopology,
  about: 'counts of words, rolling and in windows of five seconds',
  demo: demo({
    options: {
      pages: wholeNumber({ min: 1, max: 1_000_000, default: 500, help: 'pages of generated text' }),
      seed: wholeNumber({ min: 0, max: 4_294_967_295, default: 1, help: 'other text for each seed' }),
    },
    data: ({ pages, seed }) => {
      const generated = generatedText({ seed });
      return {
        title: `${String(pages)} pages of generated text, seed ${String(seed)}`,
        steps: pages,
        recordsOf: (page) => generated.linesOfPage(page),
        placeOf: (page) => `page ${String(page + 1)}`,
      };
    },
  }),
  highlights: [
    { what: 'counts of words', where: counts },
    { what: 'counts of five seconds', where: recent },
  ],
});
