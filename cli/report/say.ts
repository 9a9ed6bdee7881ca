/** Tells the user something while a command runs: one line, beside the results. */
export const say = (text: string): void => {
  process.stderr.write(`millrace: ${text}\n`);
};

/** Gives the user what was asked for. */
export const print = (text: string): void => {
  process.stdout.write(text);
};
