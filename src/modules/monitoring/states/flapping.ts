/**
 * Flap detection after Nagios (“Detection and Handling of State Flapping”, Nagios Core manual): among the newest
 * results, the share of changes between good and bad, a recent change weighing half as much again as the oldest one.
 * The weights 0.8 … 1.2 are those of Icinga 2 (`Checkable::UpdateFlappingStatus`); their mean is 1, so the share lies
 * between 0 and 100 %.
 */

/** How many results are remembered. */
export const OUTCOMES_KEPT = 20;

const CHANGES = OUTCOMES_KEPT - 1;
const OLDEST_WEIGHT = 0.8;
const NEWEST_WEIGHT = 1.2;

const STARTS_AT_PERCENT = 30;
const ENDS_BELOW_PERCENT = 20;

/** Stands above the outcomes and moves up as they come. */
const FULL = 1 << OUTCOMES_KEPT;

/** `outcomes` before the first result. */
export const NO_OUTCOMES = 1;

/** Adds a result to the outcomes, which are bits (1 good), the newest lowest, below a leading 1. */
export function withOutcome(outcomes: number, good: boolean): number {
  const moved = (outcomes << 1) | Number(good);
  return moved < FULL << 1 ? moved : FULL | (moved & (FULL - 1));
}

/** The weighted share of changes, in percent; null before there are enough results to say. */
export function changePercent(outcomes: number): number | null {
  if (outcomes < FULL) return null;
  const changed = outcomes ^ (outcomes >> 1);
  let sum = 0;
  for (let age = 0; age < CHANGES; age++) {
    if ((changed >> age) & 1) sum += NEWEST_WEIGHT - ((NEWEST_WEIGHT - OLDEST_WEIGHT) * age) / (CHANGES - 1);
  }
  return (100 * sum) / CHANGES;
}

/** Whether an endpoint is flapping now. Two thresholds, lest the flag flap itself; too few results never set it. */
export function isFlapping(before: boolean, outcomes: number): boolean {
  const percent = changePercent(outcomes);
  if (percent === null) return false;
  return percent >= (before ? ENDS_BELOW_PERCENT : STARTS_AT_PERCENT);
}
