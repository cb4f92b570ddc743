export const SECOND_MS = 1_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Most tags of one endpoint. */
export const MAX_TAGS = 50;
