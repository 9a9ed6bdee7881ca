import { describe, expect, test } from '@jest/globals';
import { importViolations } from '../support/import-rules.ts';
import { sourceFiles } from '../support/source-files.ts';

const FOLDERS = ['shared', 'functions', 'infra', 'cli', 'bench'];

test('imports run one way: codec, stream, processor, engine, runtime, pipeline', () => {
  const files = sourceFiles(...FOLDERS);
  expect(files.length).toBeGreaterThan(0);
  expect(files.flatMap(({ path, text }) => importViolations(path, text))).toEqual([]);
});

describe('the check sees', () => {
  const rules: readonly (readonly [rule: string, path: string, text: string])[] = [
    ['a codec that knows streams', 'shared/codec/json.ts', "import { stream } from '../stream/stream.ts';"],
    ['a processor that knows the engine', 'shared/processor/map.ts', "export * from '../engine/engine.ts';"],
    [
      'an engine that knows a runtime',
      'shared/engine/engine.ts',
      "import type { Log } from '../runtime/local/log.ts';",
    ],
    ['a type of a later layer', 'shared/stream/stream.ts', "type E = import('../engine/engine.ts').Engine;"],
    [
      'a runtime that knows whole pipelines',
      'shared/runtime/run.ts',
      "import type { P } from '../pipeline/pipeline.ts';",
    ],
    ['a later layer loaded on demand', 'shared/stream/stream.ts', "await import('../engine/engine.ts');"],
    ['a processor that knows a store', 'shared/processor/map.ts', "import type { S } from '../state/state-store.ts';"],
    ['an engine bound to one store', 'shared/engine/engine.ts', "import { open } from '../state/memory-store.ts';"],
    ['a store that knows a runtime', 'shared/state/sqlite-store.ts', "import { clock } from '../runtime/clock.ts';"],
    ['a sink that runs the engine', 'shared/sink/table.ts', "import { Engine } from '../engine/engine.ts';"],
    ['a store that knows a sink', 'shared/state/dynamodb/a.ts', "import { b } from '../../sink/b.ts';"],
    ['a sink that knows a store', 'shared/sink/a.ts', "import { b } from '../state/memory-store.ts';"],
    ['an engine that knows AWS', 'shared/engine/a.ts', "import { retrying } from '../aws/retry.ts';"],
    ['AWS that knows a port', 'shared/aws/a.ts', "import type { S } from '../state/state-store.ts';"],
    ['a processor that reads the clock', 'shared/processor/timer.ts', "import { performance } from 'node:perf_hooks';"],
    [
      'a processor that is handed a clock',
      'shared/processor/timer.ts',
      "import type { Clock } from '../stream/clock.ts';",
    ],
    ['a processor that reads files', 'shared/processor/table.ts', "import { readFileSync } from 'node:fs';"],
    [
      'a processor with promises of time',
      'shared/processor/timer.ts',
      "import { setTimeout } from 'node:timers/promises';",
    ],
    [
      'the AWS SDK in the engine',
      'shared/engine/engine.ts',
      "import { KinesisClient } from '@aws-sdk/client-kinesis';",
    ],
    ['the AWS SDK in a local runtime', 'shared/runtime/local/run.ts', "import type { A } from '@smithy/types';"],
    [
      'a library that knows a pipeline',
      'shared/runtime/run.ts',
      "import { weather } from '../../functions/weather/topology.ts';",
    ],
    [
      'a command that knows a pipeline',
      'cli/commands/run.ts',
      "import { weather } from '../../functions/weather/pipeline.ts';",
    ],
    [
      'infrastructure that knows a pipeline',
      'infra/app.ts',
      "import { weather } from '../functions/weather/pipeline.ts';",
    ],
    ['a source that knows a pipeline', 'shared/source/a.ts', "import type { P } from '../pipeline/pipeline.ts';"],
    [
      'a pipeline that knows the command line',
      'functions/weather/alert.ts',
      "import { main } from '../../cli/main.ts';",
    ],
    [
      'a pipeline that knows where it runs',
      'functions/weather/alert.ts',
      "import { lambda } from '../../shared/runtime/lambda/lambda.ts';",
    ],
    ['the AWS SDK in a command', 'cli/commands/run.ts', "import { S3Client } from '@aws-sdk/client-s3';"],
    ['a program that needs a test', 'cli/main.ts', "import { at } from '../test/support/at.ts';"],
    [
      'a library that needs its test driver',
      'shared/engine/engine.ts',
      "import { CRASH } from '../testing/faults.ts';",
    ],
    ['a library that reads its own index', 'shared/runtime/run.ts', "import { stream } from '../index.ts';"],
  ];

  test.each(rules)('%s', (_rule, path, text) => {
    expect(importViolations(path, text)).toHaveLength(1);
    expect(importViolations(path, text)[0]).toContain(`${path}:1 imports `);
  });

  test('the line an import stands on', () => {
    const text = "import { a } from './a.ts';\n\nimport { b } from '../engine/b.ts';\n";
    expect(importViolations('shared/codec/json.ts', text)).toEqual([
      'shared/codec/json.ts:3 imports shared/engine/b.ts: shared/codec comes before shared/engine and may not import it',
    ]);
  });
});

describe('the check lets pass', () => {
  const allowed: readonly (readonly [rule: string, path: string, text: string])[] = [
    ['a pipeline that opens a store', 'shared/pipeline/a.ts', "import { open } from '../state/memory-store.ts';"],
    [
      'a layer that uses those before it',
      'shared/runtime/run.ts',
      "import { a } from '../engine/a.ts'; import '../codec/b.ts';",
    ],
    [
      'an engine that knows the port of its store',
      'shared/engine/a.ts',
      "import type { S } from '../state/state-store.ts';",
    ],
    [
      'a sink that implements a port of the engine',
      'shared/sink/a.ts',
      "import type { Sink } from '../engine/ports.ts';",
    ],
    [
      'the AWS SDK where it belongs',
      'shared/runtime/lambda/a.ts',
      "import { KinesisClient } from '@aws-sdk/client-kinesis';",
    ],
    [
      'the AWS SDK in a store',
      'shared/state/dynamodb-store.ts',
      "import { DynamoDBClient } from '@aws-sdk/client-dynamodb';",
    ],
    ['a store that retries', 'shared/state/dynamodb/a.ts', "import { retrying } from '../../aws/retry.ts';"],
    ['AWS that knows the AWS SDK', 'shared/aws/a.ts', "import { S3Client } from '@aws-sdk/client-s3';"],
    [
      'a handler that makes a function of a processor',
      'functions/weather/handlers/alert.ts',
      "import { lambda } from '../../../shared/runtime/lambda/lambda.ts';",
    ],
    [
      'the AWS SDK in what looks at a deployment',
      'cli/aws/status.ts',
      "import { S3Client } from '@aws-sdk/client-s3';",
    ],
    [
      'a word in a comment or a text',
      'shared/codec/a.ts',
      "// import '../engine/a.ts'\nexport const a = \"from '../engine/a.ts'\";",
    ],
    ['a processor that asserts', 'shared/processor/a.ts', "import assert from 'node:assert';"],
  ];

  test.each(allowed)('%s', (_rule, path, text) => {
    expect(importViolations(path, text)).toEqual([]);
  });
});

test('an import whose target is computed is refused, because its direction cannot be checked', () => {
  expect(() => importViolations('cli/main.ts', 'await import(name);')).toThrow(
    /cli\/main\.ts:1 imports a computed path/u,
  );
});
