import { InvalidArgumentError, type Command } from 'commander';
import type { Consent } from '../aws/dead-letters/redrive-decision.ts';
import { CommandError } from '../errors/command-error.ts';
import { addTargetOptions, completeTarget, type GivenTarget, wholeNumber } from './options.ts';
import { addPipelineGroup, type Project } from './pipeline-group.ts';
import { seeHelpOf } from './pipeline-options.ts';

interface ListOptions extends GivenTarget {
  readonly processor?: string;
  readonly limit: number;
  readonly json?: boolean;
}

interface RedriveOptions extends GivenTarget {
  readonly processor?: string;
  readonly all?: boolean;
  readonly outOfOrder?: boolean;
  readonly mayRepeat?: boolean;
  readonly yes?: boolean;
}

const listExamples = (pipeline: string): string => `Examples:
  millrace dead-letters list ${pipeline} --target aws
  millrace dead-letters list ${pipeline} --target aws --processor ID --json
  millrace dead-letters show ${pipeline} 3f9a01c2b7e4 --target aws
  millrace dead-letters redrive ${pipeline} --all --target aws             says what it would do
  millrace dead-letters redrive ${pipeline} 3f9a01c2b7e4 --target aws --yes`;

const redriveHelp = (pipeline: string): string => `${listExamples(pipeline)}

Mend what failed and deploy it first. Redriving then asks the ledger of the state key that a record belongs to:
  apply             it is put into the input stream of its processor again, and takes effect once
  applied already   it is in the state: the letter is only moved away
  superseded        its partition has gone on past it. Put again, it would come after later records, and in a window
                    that has closed it is late: it stays where it is without --out-of-order
  may repeat        nothing says whether it has taken effect: it stays where it is without --may-repeat
  impossible        it is no record, or the processor still cannot read it

A record that a processor wrote keeps its origin, or gets one of its letter where the ledgers have passed that, so it
takes effect once however often it is redriven. A processor without state has no ledger: of what its mapping gave up,
the ledgers of the processors that read its outputs are asked. A source stream gives a record a new origin, so a
redrive that was cut off there may repeat. Letters that are done with are moved to redriven/ in the bucket.
Without --yes nothing is written.`;

/** Adds the commands for what no step could take. */
export const addDeadLettersCommand = (
  program: Command,
  project: Project,
  exitWith: (code: number) => void,
): readonly Command[] => {
  const letters = program.command('dead-letters').description('list, show and redrive what no step could take');

  const list = addPipelineGroup(letters, project, {
    name: 'list',
    description: 'list dead letters, the newest first',
    help: listExamples,
    build: (command, pipeline) =>
      addTargetOptions(command)
        .option('--processor <id>', 'only of this one')
        .option('--limit <n>', 'at most this many', wholeNumber(1, 100_000), 100)
        .option('--json', 'one JSON object a line, with payloads')
        .action(async ({ processor, limit, json = false, ...given }: ListOptions) => {
          const choice = { pipeline, ...completeTarget(given, seeHelpOf(command)) };
          const { listLetters } = await import('../aws/dead-letters/show-letters.ts');
          exitWith(await listLetters({ processor, limit, json, ...choice }));
        }),
  });

  const show = addPipelineGroup(letters, project, {
    name: 'show',
    description: 'show all of one, and what redriving would do',
    help: listExamples,
    build: (command, pipeline) =>
      addTargetOptions(command)
        .argument('<id>', 'its id, or the beginning of it', letterId)
        .action(async (id: string, given: GivenTarget) => {
          const choice = { pipeline, ...completeTarget(given, seeHelpOf(command)) };
          const { showLetter } = await import('../aws/dead-letters/show-letters.ts');
          exitWith(await showLetter(id, choice));
        }),
  });

  const redrive = addPipelineGroup(letters, project, {
    name: 'redrive',
    description: 'put dead letters into their stream again',
    help: redriveHelp,
    build: (command, pipeline) =>
      addTargetOptions(command)
        .argument('[id]', 'its id, or the beginning of it', letterId)
        .option('--all', 'all letters')
        .option('--processor <id>', 'only of this one')
        .option('--out-of-order', 'also what its partition has gone on past')
        .option('--may-repeat', 'also what may be counted twice')
        .option('--yes', 'do it; without this it only says what it would do')
        .action(async (id: string | undefined, options: RedriveOptions) => {
          const seeHelp = seeHelpOf(command);
          const { processor, all = false, outOfOrder = false, mayRepeat = false, yes = false, ...given } = options;
          if ((id === undefined) !== all) {
            throw new CommandError(`give the id of one letter, or --all, and not both; ${seeHelp}`);
          }
          const choice = { pipeline, ...completeTarget(given, seeHelp) };
          const consents = new Set<Consent>([
            ...(outOfOrder ? (['out-of-order'] as const) : []),
            ...(mayRepeat ? (['may-repeat'] as const) : []),
          ]);
          const { redriveLetters } = await import('../aws/dead-letters/redrive-letters.ts');
          exitWith(await redriveLetters({ id, processor, consents, yes, ...choice }));
        }),
  });
  return [letters, ...list, ...show, ...redrive];
};

const letterId = (text: string): string => {
  if (/^[0-9a-f]{4,40}$/u.test(text)) return text;
  throw new InvalidArgumentError('It must be 4 to 40 of 0-9 a-f, as millrace dead-letters list shows it.');
};
