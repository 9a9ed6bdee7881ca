import { liveView, type LiveView, type Look } from '../../shared/pipeline/live-view.ts';
import { alerts, type Alert } from './streams.ts';

const LOOKS: Readonly<Record<Alert['kind'], Look>> = {
  alert: 'red',
  reminder: 'yellow',
  resolved: 'green',
  withdrawn: 'dim',
};

/** What is shown of the weather while it runs: the newest alerts. */
export const alertView: LiveView = liveView(alerts, {
  title: 'newest alerts',
  show: ({ date, kind, location, station_id, element, value, threshold, rule }) => [
    { text: `${date}  ` },
    { text: kind.padEnd(8), look: LOOKS[kind] },
    { text: `  ${location.padEnd(5)}  ${station_id}  ${element} ${String(value).padStart(6)}  ${rule}` },
    { text: `  limit ${String(threshold)}`, look: 'dim', ifRoom: true },
  ],
});
