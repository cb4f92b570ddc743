/**
 * What share of so many `part` is, in percent: to three decimals, rounded down so that only all of it is 100. Null of
 * nothing. Multiplied first: 29 of 100 would be 28.999 by way of 0.29.
 */
export function percent(part: number, whole: number): number | null {
  return whole > 0 ? Math.floor((part * 100_000) / whole) / 1_000 : null;
}
