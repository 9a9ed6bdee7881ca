import { arrivalBy, demo, liveView, pipeline, wholeNumber, type Pipeline } from '../../shared/index.ts';
import { accessLog } from './demo.ts';
import { isCombinedLine, isTraceLine, timeOfLine } from './log-line.ts';
import { alerts, invalidLines, lateRequests, traffic } from './streams.ts';
import { topPages } from './tables.ts';
import { weblog as weblogTopology } from './topology.ts';

const graceVariable = ({ graceMinutes }: { readonly graceMinutes: number }): Readonly<Record<string, string>> => ({
  WEBLOG_GRACE_MINUTES: String(graceMinutes),
});

/** Access logs: traffic per URL, top pages, and alerts of failing URLs. */
export const weblog: Pipeline = pipeline({
  topology: ({ graceMinutes }) => weblogTopology({ graceMinutes }),
  about: 'access logs: traffic per URL, top pages, and alerts of failing URLs',
  options: {
    graceMinutes: wholeNumber({
      min: 0,
      max: 1440,
      default: 5,
      help: 'minutes that five minutes stay open after their end',
    }),
  },
  inputs: [
    { name: 'combined', help: "Apache's and nginx's combined log format", looksLike: isCombinedLine },
    {
      name: 'nasa-tsv',
      help: 'the NASA trace: host, logname, time, method, URL, status, bytes',
      looksLike: isTraceLine,
    },
  ],
  entry: { arrivalMs: arrivalBy({ timeMsOf: timeOfLine }) },
  demo: demo({
    options: {
      hours: wholeNumber({ min: 1, max: 8_760, default: 24, help: 'hours of generated requests' }),
      seed: wholeNumber({ min: 0, max: 4_294_967_295, default: 1, help: 'other requests for each seed' }),
    },
    data: ({ hours, seed }) => {
      const log = accessLog({ seed });
      const placeOf = (minute: number): string =>
        `hour ${String(Math.floor(minute / 60) + 1)}, minute ${String((minute % 60) + 1)}`;
      return {
        title: `${String(hours)} hours of generated requests, seed ${String(seed)}`,
        steps: hours * 60,
        recordsOf: (minute) => log.linesOfMinute(minute),
        placeOf,
      };
    },
  }),
  live: liveView(alerts, {
    title: 'newest alerts',
    show: ({ kind, error, url, since, last, errors }) => [
      { text: `${(kind === 'alert' ? since : last).slice(0, 19)}  ` },
      { text: kind.padEnd(8), look: kind === 'alert' ? 'red' : 'green' },
      { text: `  ${error}  ${url}` },
      { text: `  ${String(errors)} errors`, look: 'dim', ifRoom: true },
    ],
  }),
  highlights: [
    { what: 'traffic', where: traffic },
    { what: 'top pages', where: topPages },
    { what: 'alerts', where: alerts },
    { what: 'refused', where: invalidLines },
    { what: 'late requests', where: lateRequests },
  ],
  deployment: {
    settings: (values) => ({ 'weblog/traffic': graceVariable(values), 'weblog/watch': graceVariable(values) }),
  },
});
