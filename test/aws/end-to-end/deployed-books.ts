import {
  CloudWatchLogsClient,
  paginateFilterLogEvents,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { addTo, BOOK_COLUMNS, newTally, type Books } from '../../../shared/engine/books.ts';
import { bookMetric, METRIC_NAMESPACE, METRICS } from '../../../shared/runtime/lambda/batch-report.ts';

/** What a function's metrics say, over all its invocations. */
export interface FunctionMetrics {
  readonly books: Books;
  /** How often its sweep was run. */
  readonly sweeps: number;
}

/**
 * Reads the metrics that functions have written into their logs, as CloudWatch does.
 *
 * Not CloudWatch's metrics: no local endpoint makes them out of the logs.
 */
export const metricsReader = (): ((functionName: string) => Promise<FunctionMetrics>) => {
  const logs = new CloudWatchLogsClient();
  const lambda = new LambdaClient();
  const groups = new Map<string, Promise<string>>();
  const groupOf = async (functionName: string): Promise<string> => {
    const { LoggingConfig } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: functionName }));
    return LoggingConfig?.LogGroup ?? `/aws/lambda/${functionName}`;
  };
  return async (functionName) => {
    const known = groups.get(functionName) ?? groupOf(functionName);
    groups.set(functionName, known);
    const books = newTally();
    let sweeps = 0;
    try {
      for await (const { events = [] } of paginateFilterLogEvents({ client: logs }, { logGroupName: await known })) {
        for (const { message = '' } of events) {
          const metrics = metricsIn(message);
          if (metrics === undefined) continue;
          addTo(books, booksIn(metrics));
          if (METRICS.sweepEmitted in metrics) sweeps += 1;
        }
      }
    } catch (error) {
      // The group may be made with the first line.
      if (!(error instanceof ResourceNotFoundException)) throw error;
    }
    return { books, sweeps };
  };
};

/** The embedded metrics of a line of ours; undefined for any other line. */
const metricsIn = (message: string): object | undefined => {
  const start = message.indexOf('{');
  if (start < 0 || !message.includes(`"Namespace":"${METRIC_NAMESPACE}"`)) return undefined;
  const parsed: unknown = JSON.parse(message.slice(start));
  return typeof parsed === 'object' && parsed !== null && '_aws' in parsed ? parsed : undefined;
};

const booksIn = (metrics: object): Books => {
  const books = newTally();
  for (const column of BOOK_COLUMNS) {
    const value: unknown = Reflect.get(metrics, bookMetric(column));
    books[column] = [value].flat().reduce<number>((sum, one) => sum + Number(one ?? 0), 0);
  }
  return books;
};
