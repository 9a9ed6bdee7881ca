import {
  DeleteStackCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateListStackResources,
  waitUntilStackDeleteComplete,
  type CloudFormationClient,
} from '@aws-sdk/client-cloudformation';
import * as z from 'zod';

/** A resource of a stack. */
export interface StackResource {
  readonly type: string;
  readonly physicalId: string;
  /** Whether it stays when the stack is deleted. */
  readonly isRetained: boolean;
}

const TEMPLATE = z.object({ Resources: z.record(z.string(), z.object({ DeletionPolicy: z.string().optional() })) });

/** What is in a stack; undefined where there is no such stack. */
export const stackContents = async (
  client: CloudFormationClient,
  name: string,
): Promise<readonly StackResource[] | undefined> => {
  if (!(await isThere(client, name))) return undefined;
  const { TemplateBody = '' } = await client.send(new GetTemplateCommand({ StackName: name }));
  const { Resources: described } = TEMPLATE.parse(JSON.parse(TemplateBody));
  const found: StackResource[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName: name })) {
    for (const { LogicalResourceId = '', ResourceType: type = '', PhysicalResourceId } of StackResourceSummaries) {
      if (PhysicalResourceId === undefined) continue;
      const isRetained = (described[LogicalResourceId]?.DeletionPolicy ?? 'Delete') !== 'Delete';
      found.push({ type, physicalId: PhysicalResourceId, isRetained });
    }
  }
  return found;
};

const isThere = async (client: CloudFormationClient, name: string): Promise<boolean> => {
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
    return Stacks.some(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE');
  } catch (error) {
    if (error instanceof Error && error.message.includes('does not exist')) return false;
    throw error;
  }
};

const LONGEST_SECONDS = 1800;

/** Deletes a stack by its name, which emulators know too, and waits until it is gone. Throws what CloudFormation says if it stays. */
export const deleteStack = async (client: CloudFormationClient, name: string): Promise<void> => {
  await client.send(new DeleteStackCommand({ StackName: name }));
  await waitUntilStackDeleteComplete(
    { client, minDelay: 2, maxDelay: 15, maxWaitTime: LONGEST_SECONDS },
    { StackName: name },
  );
};
