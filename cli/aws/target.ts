import { isLoopbackUrl } from '../../shared/runtime/deployment/loopback.ts';
import { CommandError } from '../errors/command-error.ts';

/** Where a topology is deployed: on AWS itself, or on an endpoint of this machine that speaks AWS. */
export type Target = 'aws' | 'local';

/** The targets, as an option names them. */
export const TARGETS: readonly Target[] = ['aws', 'local'];

const ENDPOINT = /^AWS_ENDPOINT_URL(?:_[A-Z0-9_]+)?$/u;

/**
 * Makes sure that the environment leads to the target and nowhere else. Throws a `CommandError` that names the variable in the way:
 * what is meant for this machine must never reach an account, nor the other way round.
 */
export const checkTarget = (target: Target, env: Readonly<Record<string, string | undefined>>): void => {
  const endpoints = Object.entries(env).filter(([name, value]) => ENDPOINT.test(name) && (value ?? '') !== '');
  if (target === 'aws') {
    const loopback = endpoints.find(([, value = '']) => isLoopbackUrl(value));
    if (loopback === undefined) return;
    const [name, value = ''] = loopback;
    throw new CommandError(
      `--target aws, but ${name} is ${value}, an endpoint of this machine; unset it, or say --target local`,
    );
  }
  if ((env['AWS_ENDPOINT_URL'] ?? '') === '') {
    throw new CommandError(
      '--target local, but AWS_ENDPOINT_URL is not set; set it to the endpoint of this machine, for example http://127.0.0.1:4566',
    );
  }
  const elsewhere = endpoints.find(([, value = '']) => !isLoopbackUrl(value));
  if (elsewhere !== undefined) {
    const [name, value = ''] = elsewhere;
    throw new CommandError(
      `--target local, but ${name} is ${value}, which is not of this machine; it must be a loopback address such as http://127.0.0.1:4566`,
    );
  }
  if (env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS']?.toLowerCase() === 'true') {
    throw new CommandError(
      '--target local, but AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true, so calls would go to AWS; unset it',
    );
  }
};
