/** A weather station as observations carry it. */
export interface Station {
  /** 11 letters, digits, `_` or `-`; the first two are the country code. */
  readonly id: string;
  /** FIPS 10-4 code of the country, two capital letters. */
  readonly country_code: string;
  /** Absent where the country list does not know the code. */
  readonly country?: string;
  /** Postal code of the state or province; only where the station list has one. */
  readonly state_code?: string;
  /** Absent without a code, or if the state list does not have it. */
  readonly state?: string;
  /** Decimal degrees: north and east are positive. */
  readonly location: { readonly lat: number; readonly lon: number };
  /** Metres above the sea; absent where the list says -999.9. */
  readonly elevation?: number;
  readonly name: string;
}

/** Stations by ID. */
export type Stations = ReadonlyMap<string, Station>;
