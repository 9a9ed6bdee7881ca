import { tumbling, windowed, type Processor } from '../../shared/index.ts';
import { lateRequests, requests, traffic } from './streams.ts';

/** Length of the windows of traffic and top pages. */
export const FIVE_MINUTES_MS = 300_000;

/** Counts requests and bytes of each URL in five minutes of event time, once they are `graceMs` past. */
export const countTraffic = ({ graceMs }: { readonly graceMs: number }): Processor =>
  windowed({
    id: 'weblog/traffic',
    from: requests,
    to: { traffic, late: lateRequests },
    key: ({ url }) => url,
    window: tumbling({ sizeMs: FIVE_MINUTES_MS, graceMs }),
    initial: () => ({ requests: 0, bytes: 0 }),
    add: (sum, { bytes }) => ({ requests: sum.requests + 1, bytes: sum.bytes + bytes }),
    emit: 'final',
    result: (sum, { key: url, startMs }) => ({ traffic: [{ url, start: new Date(startMs).toISOString(), ...sum }] }),
    late: (request) => ({ late: [request] }),
  });
