/** Options of {@link accessLog}. */
export interface AccessLogOptions {
  /** Whole number; the same seed gives the same lines on every machine. */
  readonly seed: number;
}

/** A generated access log in Apache's combined format. */
export interface AccessLog {
  /** The lines of a minute, from 0; the same minute always has the same ones. Their times are out of order within it. */
  linesOfMinute(minute: number): readonly string[];
}

const START_MS = Date.UTC(2024, 5, 3);
const LINES_A_MINUTE = 120;
const MINUTES_AN_HOUR = 60;

/** In order of popularity. */
const PAGES = [
  '/',
  '/style.css',
  '/logo.png',
  '/products',
  '/search?q=lamp',
  '/products/lamp',
  '/blog',
  '/search?q=chair',
  '/products/chair',
  '/products/table',
  '/blog/moving-house',
  '/api/stock',
  '/api/cart',
  '/about',
  '/feed.xml',
  '/robots.txt',
] as const;

const AGENTS = ['Mozilla/5.0 (X11; Linux x86_64)', 'Mozilla/5.0 (iPhone)', 'curl/8.6.0', 'Googlebot/2.1'] as const;

/** Each hour, a page links to an image that was moved, and later the server of one URL fails. */
const BROKEN_LINK = { url: '/images/old-logo.png', status: 404, from: 10, to: 22, share: 0.05 } as const;
const OUTAGE = { url: '/api/cart', status: 503, from: 35, to: 41, share: 0.04 } as const;

/** Generates an access log: pages of different popularity, an episode of 404 and one of 503 an hour, and the dirt of real logs. */
export const accessLog = ({ seed }: AccessLogOptions): AccessLog => ({
  linesOfMinute: (minute) => {
    const random = uniform(Math.imul(seed, 0x9e3779b1) ^ minute);
    return Array.from({ length: LINES_A_MINUTE }, (_, index) => {
      // Lines are written when a response ends, so a slow one comes after later requests.
      const second = Math.min(59, Math.floor((index / LINES_A_MINUTE) * 60 + random() * 10));
      return dirty(lineAt(minute, second, random), random);
    });
  },
});

const lineAt = (minute: number, second: number, random: () => number): string => {
  const minuteOfHour = minute % MINUTES_AN_HOUR;
  const draw = random();
  const popular = PAGES[Math.floor(random() ** 3 * PAGES.length)] ?? '/';
  const episode = [BROKEN_LINK, OUTAGE].find(
    ({ from, to, share }) => minuteOfHour >= from && minuteOfHour < to && draw < share,
  );
  const { url, status } = episode ?? { url: popular, status: random() < 0.1 ? 304 : 200 };
  const bytes = status === 304 ? '-' : String(200 + Math.floor(random() * 20_000));
  const host = `10.0.${String(Math.floor(random() * 4))}.${String(Math.floor(random() * 250))}`;
  const agent = AGENTS[Math.floor(random() * AGENTS.length)] ?? '-';
  return `${host} - - [${logTime(START_MS + (minute * 60 + second) * 1_000)}] "GET ${url} HTTP/1.1" ${String(status)} ${bytes} "-" "${agent}"`;
};

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const logTime = (timeMs: number): string => {
  const [date = '', time = ''] = new Date(timeMs).toISOString().split('T');
  const [year = '', month = '', day = ''] = date.split('-');
  return `${day}/${MONTHS[Number(month) - 1] ?? ''}/${year}:${time.slice(0, 8)} +0000`;
};

/** The ways a line may be corrupt, each as frequent as the others. */
const CORRUPTIONS: readonly ((line: string) => string)[] = [
  (line) => line.slice(0, 70),
  (line) => line.replace('/2024:', '/2099:'),
  (line) => line.replace('"GET ', String.raw`"\x16\x03\x01 `),
  (line) => line.replace(/"GET .*?"/u, '"-"').replace(/" [23]\d\d /u, '" 408 '),
];
const CORRUPT_SHARE = 0.004;

const dirty = (line: string, random: () => number): string => {
  if (random() >= CORRUPT_SHARE) return line;
  return CORRUPTIONS[Math.floor(random() * CORRUPTIONS.length)]?.(line) ?? line;
};

/** Uniform random numbers from 0 to below 1: mulberry32. */
const uniform = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};
