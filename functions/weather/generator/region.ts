/** Geography and climate of one state or province, as coarse as a demonstration allows. */
export interface Region {
  readonly country_code: 'US' | 'CA';
  readonly country: string;
  readonly state_code: string;
  readonly state: string;
  /** Digits in the IDs of its stations, as NOAA assigns them: `02` for Arizona. */
  readonly idDigits: string;
  /** Relative share of all stations. */
  readonly weight: number;
  /** South-west and north-east corner of the box that holds its stations, in degrees. */
  readonly box: { readonly south: number; readonly west: number; readonly north: number; readonly east: number };
  readonly lowestMetres: number;
  readonly highestMetres: number;
  /** How much warmer it is than its latitude says, in degrees Celsius. */
  readonly warmthC: number;
  /** How much stronger its seasons are than its latitude says; below 1 near an ocean. */
  readonly swing: number;
  /** Difference of day and night on a dry day, in degrees Celsius. */
  readonly dailyRangeC: number;
  /** How rare rain is: by how many deviations the weather must exceed its mean; 0 is every other day. */
  readonly dryness: number;
}

const region = (
  [country_code, state_code, state, idDigits]: readonly ['US' | 'CA', string, string, string],
  weight: number,
  [south, west, north, east]: readonly [number, number, number, number],
  [lowestMetres, highestMetres]: readonly [number, number],
  [warmthC, swing, dailyRangeC, dryness]: readonly [number, number, number, number],
): Region => ({
  country_code,
  country: country_code === 'US' ? 'United States' : 'Canada',
  state_code,
  state,
  idDigits,
  weight,
  box: { south, west, north, east },
  lowestMetres,
  highestMetres,
  warmthC,
  swing,
  dailyRangeC,
  dryness,
});

/** The regions of the generator's stations. */
export const REGIONS: readonly Region[] = [
  region(['US', 'AZ', 'ARIZONA', '02'], 5, [31.5, -114.5, 36.8, -109.2], [60, 2_200], [7, 1.25, 16, 1.4]),
  region(['US', 'CA', 'CALIFORNIA', '04'], 6, [33, -122, 40, -116], [5, 1_500], [2, 0.8, 13, 1.2]),
  region(['US', 'CO', 'COLORADO', '05'], 4, [37.2, -108.8, 40.8, -102.3], [1_100, 2_900], [4, 1.1, 16, 0.9]),
  region(['US', 'FL', 'FLORIDA', '08'], 4, [26, -82.5, 30.5, -80.5], [1, 60], [1.5, 0.95, 10, 0.5]),
  region(['US', 'GA', 'GEORGIA', '09'], 4, [31, -85, 34.7, -81.5], [10, 600], [0, 1, 12, 0.6]),
  region(['US', 'ID', 'IDAHO', '10'], 3, [42.3, -116.8, 47, -111.5], [700, 2_000], [3, 1, 14, 0.8]),
  region(['US', 'IL', 'ILLINOIS', '11'], 4, [37.5, -90.5, 42.3, -87.8], [110, 280], [-1, 1.3, 11, 0.7]),
  region(['US', 'KS', 'KANSAS', '14'], 4, [37.1, -101.8, 39.9, -94.8], [250, 1_100], [1.5, 1.3, 13, 0.9]),
  region(['US', 'LA', 'LOUISIANA', '16'], 3, [30, -93.5, 32.8, -90], [1, 90], [0, 1.1, 11, 0.55]),
  region(['US', 'MA', 'MASSACHUSETTS', '19'], 2, [41.8, -73.2, 42.7, -70.8], [3, 400], [-2, 1.15, 11, 0.55]),
  region(['US', 'MN', 'MINNESOTA', '21'], 4, [43.8, -96.5, 48.5, -91.5], [230, 500], [-2, 1.45, 11, 0.75]),
  region(['US', 'MT', 'MONTANA', '24'], 3, [45.3, -114, 48.7, -105], [650, 1_700], [1, 1.15, 14, 0.9]),
  region(['US', 'NM', 'NEW MEXICO', '29'], 3, [32, -108.7, 36.7, -103.3], [1_000, 2_400], [5, 1.15, 17, 1.2]),
  region(['US', 'NY', 'NEW YORK', '30'], 4, [41, -79, 44.5, -73.5], [5, 600], [-1.5, 1.2, 11, 0.45]),
  region(['US', 'OK', 'OKLAHOMA', '34'], 4, [34.2, -99.8, 36.8, -94.8], [120, 700], [1.5, 1.25, 13, 0.85]),
  region(['US', 'TX', 'TEXAS', '41'], 8, [27, -103, 35.5, -94.5], [5, 1_100], [2, 1.15, 13, 1]),
  region(['US', 'WA', 'WASHINGTON', '45'], 4, [46, -123.5, 48.7, -117.5], [5, 900], [2, 0.75, 11, 0.4]),
  region(['CA', 'AB', 'ALBERTA', '30'], 3, [49.3, -117, 56, -110.5], [300, 1_300], [0, 1.15, 12, 0.8]),
  region(['CA', 'BC', 'BRITISH COLUMBIA', '10'], 4, [48.6, -127, 54, -117], [3, 900], [3, 0.65, 9, 0.3]),
  region(['CA', 'ON', 'ONTARIO', '60'], 4, [42.5, -83, 49, -75], [75, 450], [-1.5, 1.2, 10, 0.5]),
  region(['CA', 'QC', 'QUEBEC', '70'], 3, [45.2, -76, 49.5, -70], [10, 500], [-2.5, 1.2, 10, 0.45]),
];
