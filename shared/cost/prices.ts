/** One price of AWS, as published. */
export interface Price {
  readonly usd: number;
  /** What one `usd` buys. */
  readonly unit: string;
  /** What the money is for, as AWS calls it. */
  readonly item: string;
  /** Where the figure was read. `third-party`: someone else's transcription of AWS's price page. */
  readonly source: { readonly kind: 'aws' | 'third-party'; readonly url: string };
  /** When the source was made or read, `YYYY-MM-DD`. */
  readonly date: string;
}

/** The region of all prices. */
export const PRICE_REGION = 'us-east-1';

const KINESIS = {
  source: {
    kind: 'third-party',
    url: 'https://github.com/api-evangelist/kinesis/blob/main/plans/kinesis-plans-pricing.yml',
  },
  date: '2026-05-05',
} as const;

const LAMBDA = {
  source: {
    kind: 'third-party',
    url: 'https://github.com/api-evangelist/aws-lambda/blob/main/plans/aws-lambda-plans-pricing.yml',
  },
  date: '2026-09-20',
} as const;

const DYNAMODB = {
  source: { kind: 'third-party', url: 'https://aws.amazon.com/dynamodb/pricing/on-demand/' },
  date: '2026-07-30',
} as const;

/**
 * Every price of the bill: US dollars in {@link PRICE_REGION}, without tax, free tiers and discounts.
 *
 * All are transcriptions by third parties, those of DynamoDB of AWS's Price List API: confirm them on AWS's own pages before
 * basing a decision on them. A price that is missing here was not found, and the bill says so in a note instead of guessing.
 */
export const PRICES = {
  shardHour: { usd: 0.015, unit: 'shard-hour', item: 'provisioned shard', ...KINESIS },
  putPayloadUnits: { usd: 0.014, unit: 'million units of 25 KB', item: 'PUT payload units', ...KINESIS },
  extendedRetention: { usd: 0.02, unit: 'shard-hour', item: 'retention above 24 hours, up to 7 days', ...KINESIS },
  longTermRetention: { usd: 0.023, unit: 'GB-month', item: 'retention above 7 days', ...KINESIS },
  onDemandStreamHour: { usd: 0.04, unit: 'stream-hour', item: 'on-demand stream', ...KINESIS },
  onDemandIn: { usd: 0.08, unit: 'GB', item: 'data written on demand', ...KINESIS },
  onDemandOut: { usd: 0.04, unit: 'GB', item: 'data read on demand', ...KINESIS },
  lambdaRequests: { usd: 0.2, unit: 'million requests', item: 'requests', ...LAMBDA },
  lambdaGbSeconds: { usd: 0.0000133334, unit: 'GB-second', item: 'duration on arm64', ...LAMBDA },
  writeUnits: { usd: 0.625, unit: 'million write units of 1 KB', item: 'writes on demand', ...DYNAMODB },
  readUnits: { usd: 0.125, unit: 'million read units of 4 KB', item: 'reads on demand', ...DYNAMODB },
  tableStorage: { usd: 0.25, unit: 'GB-month', item: 'table storage', ...DYNAMODB },
} as const satisfies Readonly<Record<string, Price>>;

/** Names of the prices. */
export type PriceName = keyof typeof PRICES;
