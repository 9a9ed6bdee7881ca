/**
 * Random numbers without a sequence: each is computed from the seed, its purpose, a subject and a day, so any day can be generated
 * without the days before it.
 */
export interface SeededRandom {
  /** Uniform from 0 to below 1. */
  uniform(purpose: number, subject: number, day: number): number;
  /** Roughly normal: mean 0, deviation 1, never beyond 3.5. */
  normal(purpose: number, subject: number, day: number): number;
  /** Like `normal`, but each day resembles the days before it, as weather does. */
  drifting(purpose: number, subject: number, day: number): number;
}

/** The random streams of the generator: what a number is for. */
export const Purpose = {
  StationPlace: 1,
  StationName: 2,
  StationKind: 3,
  RegionTemperature: 10,
  StationTemperature: 11,
  HighTemperature: 12,
  LowTemperature: 13,
  DailyRange: 14,
  RegionRain: 20,
  StationRain: 21,
  RainAmount: 22,
  SnowDepth: 23,
  RegionWind: 30,
  StationWind: 31,
  ObservationHour: 32,
  Silence: 40,
  Delay: 41,
  DelayLength: 42,
  Swap: 43,
  // Two numbers per line of a day; the line's place in the day is added, so the next hundreds must stay unused.
  LineCorruption: 1_000,
  LineCorruptionDetail: 2_000,
} as const;

// Read from the global object once: under Jest each access costs more than the whole hash.
const { imul } = Math;

const TWO_TO_32 = 4_294_967_296;

// Sum of four bytes: mean 4 * 127.5, variance 4 * (256 ** 2 - 1) / 12.
const BYTES_MEAN = 510;
const BYTES_DEVIATION = Math.sqrt(21_845);

// The weight of each of the last days; scaled so that the deviation stays 1.
const MEMORY = Array.from({ length: 8 }, (_, daysAgo) => 0.75 ** daysAgo);
const MEMORY_SCALE = 1 / Math.sqrt(MEMORY.reduce((sum, weight) => sum + weight * weight, 0));

/**
 * Random numbers for a seed (a whole number; its lowest 32 bits count), the same on every machine: they use only integer operations
 * and basic arithmetic of doubles.
 */
export const seededRandom = (seed: number): SeededRandom => {
  const bits = (purpose: number, subject: number, day: number): number =>
    finish(mix(mix(mix(mix(0, seed), purpose), subject), day));

  const normal = (purpose: number, subject: number, day: number): number => {
    const hash = bits(purpose, subject, day);
    const sum = (hash & 0xff) + ((hash >>> 8) & 0xff) + ((hash >>> 16) & 0xff) + (hash >>> 24);
    return (sum - BYTES_MEAN) / BYTES_DEVIATION;
  };

  return {
    uniform: (purpose, subject, day) => bits(purpose, subject, day) / TWO_TO_32,
    normal,
    drifting: (purpose, subject, day) => {
      let sum = 0;
      for (const [daysAgo, weight] of MEMORY.entries()) sum += weight * normal(purpose, subject, day - daysAgo);
      return sum * MEMORY_SCALE;
    },
  };
};

/** Adds one word to the hash: the inner step of MurmurHash3 (32 bits). */
const mix = (hash: number, word: number): number => {
  let scrambled = imul(word, 0xcc9e2d51);
  scrambled = imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593);
  const mixed = hash ^ scrambled;
  return (imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
};

/** Spreads every bit of the hash over all of its bits: the final step of MurmurHash3. */
const finish = (hash: number): number => {
  let mixed = imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
};
