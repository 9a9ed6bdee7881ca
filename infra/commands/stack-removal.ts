import {
  DeleteStackCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateListStackResources,
  waitUntilStackDeleteComplete,
  type CloudFormationClient,
} from '@aws-sdk/client-cloudformation';
import { DeleteObjectsCommand, ListObjectVersionsCommand, NoSuchBucket, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { DeploymentError } from '../deployment/deployment-error.ts';

/** A resource of a stack. */
export interface StackResource {
  readonly type: string;
  readonly physicalId: string;
  /** Whether it outlives the stack. */
  readonly isRetained: boolean;
}

const TEMPLATE = z.object({ Resources: z.record(z.string(), z.object({ DeletionPolicy: z.string().optional() })) });

/** The resources of a stack; undefined if the stack does not exist. */
export const stackContents = async (
  client: CloudFormationClient,
  name: string,
): Promise<readonly StackResource[] | undefined> => {
  if (!(await exists(client, name))) return undefined;
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

const exists = async (client: CloudFormationClient, name: string): Promise<boolean> => {
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
    return Stacks.some(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE');
  } catch (error) {
    if (error instanceof Error && error.message.includes('does not exist')) return false;
    throw error;
  }
};

const MAX_DELETE_SECONDS = 1800;

/** Deletes a stack by name, which emulators accept too, and waits until it is gone. Rejects with CloudFormation's error if it stays. */
export const deleteStack = async (client: CloudFormationClient, name: string): Promise<void> => {
  await client.send(new DeleteStackCommand({ StackName: name }));
  await waitUntilStackDeleteComplete(
    { client, minDelay: 2, maxDelay: 15, maxWaitTime: MAX_DELETE_SECONDS },
    { StackName: name },
  );
};

/** Deletes every version of every object, so that the bucket itself can be deleted. A bucket that does not exist is empty. */
export const emptyBucket = async (client: S3Client, bucket: string): Promise<void> => {
  for (;;) {
    const objects = await firstObjects(client, bucket);
    if (objects.length === 0) return;
    const { Errors = [] } = await client.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: [...objects], Quiet: true } }),
    );
    const [first] = Errors;
    if (first !== undefined) {
      throw new DeploymentError(
        `${first.Key ?? 'an object'} of bucket ${bucket} was not deleted: ${first.Message ?? ''}`,
      );
    }
  }
};

type Found = readonly { readonly Key: string; readonly VersionId?: string }[];

const firstObjects = async (client: S3Client, bucket: string): Promise<Found> => {
  try {
    const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    return [...Versions, ...DeleteMarkers].flatMap(({ Key, VersionId }) =>
      Key === undefined ? [] : [{ Key, ...(VersionId !== undefined && { VersionId }) }],
    );
  } catch (error) {
    if (error instanceof NoSuchBucket) return [];
    throw error;
  }
};
