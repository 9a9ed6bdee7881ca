import { endpointFault, type Target } from '../../shared/runtime/deployment/endpoint.ts';
import { CommandError } from '../errors/command-error.ts';

export type { Target };

/** The targets, as an option names them. */
export const TARGETS: readonly Target[] = ['aws', 'local'];

/**
 * Makes sure that the environment leads to the target and nowhere else. Throws a `CommandError` that names the variable that is
 * wrong.
 */
export const checkTarget = (target: Target, env: Readonly<Record<string, string | undefined>>): void => {
  const fault = endpointFault(target, env);
  if (fault === undefined) return;
  const otherwise = target === 'aws' ? ', or say --target local' : '';
  throw new CommandError(`--target ${target}, but ${fault.problem}; ${fault.remedy}${otherwise}`);
};
