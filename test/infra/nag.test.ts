import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterEach, expect, jest, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { projectApp, weatherStack } from './support/weather-template.ts';

const REPORT = z.object({
  pluginReports: z.array(
    z.object({
      pluginName: z.string(),
      violations: z.array(
        z.object({
          ruleName: z.string(),
          violatingConstructs: z.array(z.object({ constructPath: z.string() })),
        }),
      ),
    }),
  ),
});

afterEach(() => {
  jest.restoreAllMocks();
});

/** What the rules of AWS Solutions have to say about the stack in a context, and on demand CloudFormation's own. */
const findingsOf = (given: Readonly<Record<string, unknown>>, isValidated = false): readonly string[] => {
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const app = projectApp(isValidated);
  weatherStack(app, given);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const { directory } = app.synth();
  const report = REPORT.parse(JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8')));
  return report.pluginReports.flatMap(({ violations }) =>
    violations.flatMap(({ ruleName, violatingConstructs }) =>
      violatingConstructs.map(({ constructPath }) => `${ruleName} ${constructPath}`),
    ),
  );
};

test.each([{ stage: 'dev', capacity: 'on-demand' }, { target: 'local' }])('cdk-nag finds nothing with %j', (given) => {
  expect(findingsOf(given)).toEqual([]);
});

test('neither cdk-nag nor CloudFormation’s own rules find anything in what is deployed for production', () => {
  expect(findingsOf({ stage: 'prod', alertEmail: 'a@example.org' }, true)).toEqual([]);
});

test('of an open API nothing is found but the warning that it is open', () => {
  expect(findingsOf({ apiAuth: 'none' })).toEqual([expect.stringContaining('millrace:open-api')]);
});

test('an unexplained finding stops the synthesis', () => {
  jest.spyOn(Validations.prototype, 'acknowledge').mockImplementation(() => undefined);
  expect(() => findingsOf({})).toThrow(/server access logs disabled[^]*DeadLetters/u);
});

test('what is acknowledged is there, and each has its reason', () => {
  const spy = jest.spyOn(Validations.prototype, 'acknowledge').mockImplementation(() => undefined);
  const { violations } = new AwsSolutionsChecks().validateScope(weatherStack(projectApp(), {}));
  const acknowledged = spy.mock.calls.flat();
  expect([...new Set(acknowledged.map(({ id }) => id))].sort()).toEqual(
    violations.map(({ ruleName }) => ruleName).sort(),
  );
  for (const { reason } of acknowledged) expect(reason).toMatch(/^.{40,}\.$/u);
});
