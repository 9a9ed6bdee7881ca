import { Argument, InvalidArgumentError, type Command } from 'commander';

const PIPELINES: readonly string[] = ['weather'];

/** Adds the argument that names a pipeline. There is one pipeline up to now, so a command need not look at it. */
export const addPipelineArgument = (command: Command): Command =>
  command.addArgument(new Argument('<pipeline>', `which one: ${PIPELINES.join(', ')}`).argParser(pipelineNamed));

const pipelineNamed = (name: string): string => {
  if (PIPELINES.includes(name)) return name;
  throw new InvalidArgumentError(`Pipelines are ${PIPELINES.join(', ')}.`);
};
