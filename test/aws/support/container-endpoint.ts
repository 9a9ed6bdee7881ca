import { LocalstackContainer } from '@testcontainers/localstack';
import { GenericContainer, getContainerRuntimeClient, Network, Wait } from 'testcontainers';
import type { RunningEndpoint } from './running-endpoint.ts';

const PORT = 4566;
const MINISTACK_ALIAS = 'ministack';
const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1']);

/** Why containers cannot be started here, in one line; undefined where they can. */
export const dockerProblem = async (): Promise<string | undefined> => {
  try {
    const { info } = await getContainerRuntimeClient();
    const { host } = info.containerRuntime;
    return LOOPBACK.has(host) ? undefined : `Docker runs on another machine (${host})`;
  } catch (error) {
    const [firstLine = ''] = (error instanceof Error ? error.message : String(error)).split('\n', 1);
    return `no Docker (${firstLine})`;
  }
};

/** Starts LocalStack from an image, and waits until it says that it is ready. */
export const startLocalstackContainer = async (image: string): Promise<RunningEndpoint> => {
  const started = await new LocalstackContainer(image).withBindMounts([await dockerSocket()]).start();
  return {
    url: urlAt(started.getMappedPort(PORT)),
    close: async () => {
      await started.stop();
    },
  };
};

/**
 * Starts MiniStack from an image, and waits until it answers.
 *
 * Functions run in Lambda's own images, because the Node inside of the MiniStack image is whatever its distribution has. They
 * find MiniStack by its name in a network they share with it: only this machine knows the mapped port.
 */
export const startMinistackContainer = async (image: string): Promise<RunningEndpoint> => {
  const network = await new Network().start();
  try {
    const started = await new GenericContainer(image)
      .withNetwork(network)
      .withNetworkAliases(MINISTACK_ALIAS)
      .withEnvironment({
        LAMBDA_EXECUTOR: 'docker',
        LAMBDA_DOCKER_NETWORK: network.getName(),
        AWS_ENDPOINT_URL: `http://${MINISTACK_ALIAS}:${String(PORT)}`,
        IOT_MTLS_ENABLED: '0',
        SFTP_ENABLED: '0',
      })
      .withBindMounts([await dockerSocket()])
      .withExposedPorts(PORT)
      .withWaitStrategy(Wait.forHttp('/_ministack/health', PORT))
      .start();
    const url = urlAt(started.getMappedPort(PORT));
    return {
      url,
      close: async () => {
        // It removes the containers of its functions then; they are not ours to stop, and would keep the network.
        await fetch(`${url}/_ministack/reset`, { method: 'POST' });
        await started.stop();
        await network.stop();
      },
    };
  } catch (error) {
    await network.stop();
    throw error;
  }
};

const urlAt = (port: number): string => `http://127.0.0.1:${String(port)}`;

/** Both start the containers of functions beside themselves. */
const dockerSocket = async (): Promise<{ readonly source: string; readonly target: string }> => {
  const { info } = await getContainerRuntimeClient();
  return { source: info.containerRuntime.remoteSocketPath, target: '/var/run/docker.sock' };
};
