import type { Scenario } from '../scenario/scenario.ts';
import type { RunView } from './run-view.ts';
import type { Verdict } from './verdict.ts';

/** What must hold in a run whatever another run of its input comes to. */
export const byItself = (view: RunView, { astray }: Scenario): Omit<Verdict, 'doubled'> => {
  const streams = [...view.streams];
  return {
    lost: streams.flatMap(([name, { passedOver }]) => passedOver.map((record) => `stream ${name}: ${record}`)),
    different: [
      ...streams.flatMap(([name, { unlike }]) => unlike.map((text) => `copies in stream ${name} differ: ${text}`)),
      ...view.timers.map((timer) => `a timer never fired: ${timer}`),
      ...astray(view.streams),
    ],
  };
};

/** Values of which two attempts came to different things. */
export const undecided = ({ outcomes }: RunView): readonly string[] =>
  [...outcomes]
    .filter(([, all]) => all.size > 1)
    .map(([value, all]) => `attempts at ${value} came to ${[...all].join(' and ')}`);
