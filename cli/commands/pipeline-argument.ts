import { Argument, type Command } from 'commander';

const PIPELINES = ['weather'] as const;

/** Adds the argument that names a pipeline. There is one pipeline up to now, so a command need not look at it. */
export const addPipelineArgument = (command: Command): Command =>
  command.addArgument(new Argument('<pipeline>', 'name of the pipeline').choices(PIPELINES));
