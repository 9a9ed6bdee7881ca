import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { stackName } from '../../../shared/runtime/deployment/output-name.ts';
import { readContext } from '../../../infra/deployment/context.ts';
import { TopologyStack, type PipelineCode } from '../../../infra/stacks/topology-stack.ts';
import { weather } from '../../../functions/weather/pipeline.ts';
import { pipelineDeployment } from '../../../infra/deployment/pipeline-deployment.ts';

/** A resource as a template has it, with what refers to other resources still in CloudFormation's words. */
export interface TemplateResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly deletionPolicy: string | undefined;
}

const TEMPLATE = z.object({
  Resources: z.record(
    z.string(),
    z.object({
      Type: z.string(),
      Properties: z.record(z.string(), z.unknown()).default({}),
      DeletionPolicy: z.string().optional(),
    }),
  ),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })),
});

/** Code in place of a bundle, for tests to which its contents do not matter. */
export const anyCode: PipelineCode = {
  processor: () => Code.fromInline('exports.handler = async () => ({});'),
  api: () => Code.fromInline('exports.handler = async () => ({});'),
};

/**
 * An app with the project's own feature flags: they decide what is in a template.
 *
 * @param isValidated Whether the CDK checks the template against CloudFormation's rules, which takes it some seconds.
 */
export const projectApp = (isValidated = false): App => {
  const { context } = z
    .object({ context: z.record(z.string(), z.unknown()) })
    .parse(JSON.parse(readFileSync(new URL('../../../cdk.json', import.meta.url), 'utf8')));
  process.env['CDK_VALIDATION'] = String(isValidated);
  return new App({ context, analyticsReporting: false });
};

/** The stack of the weather pipeline. */
export const weatherStack = (app: App, given: Readonly<Record<string, unknown>> = {}): TopologyStack => {
  const context = readContext(given, weather.options);
  const pipeline = pipelineDeployment(weather, context);
  const id = stackName(pipeline.topology.name, context.stage);
  return new TopologyStack(app, id, { pipeline, code: anyCode, context });
};

/** What would be deployed for the weather pipeline. */
export class WeatherTemplate {
  readonly resources: readonly TemplateResource[];
  readonly outputs: ReadonlyMap<string, unknown>;

  constructor(given: Readonly<Record<string, unknown>> = {}) {
    const template = TEMPLATE.parse(Template.fromStack(weatherStack(projectApp(), given)).toJSON());
    this.resources = Object.entries(template.Resources).map(([logicalId, { Type, Properties, DeletionPolicy }]) => ({
      logicalId,
      type: Type,
      properties: Properties,
      deletionPolicy: DeletionPolicy,
    }));
    this.outputs = new Map(Object.entries(template.Outputs).map(([name, { Value }]) => [name, Value]));
  }

  ofType(type: string): readonly TemplateResource[] {
    return this.resources.filter((one) => one.type === type);
  }

  /** The one resource of a type whose logical id begins so. */
  one(type: string, beginning: string): TemplateResource {
    const found = this.ofType(type).filter(({ logicalId }) =>
      new RegExp(`^${beginning}[0-9A-F]{8}$`, 'u').test(logicalId),
    );
    const [only] = found;
    if (only === undefined || found.length > 1) {
      throw new Error(`${String(found.length)} resources of type ${type} are called ${beginning}`);
    }
    return only;
  }
}
