import type {
  GroupingPreviewDto,
  PreviewJoinDto,
  PreviewPartDto,
  PreviewSplitDto,
} from './grouping-rules.dto.js';

/** Splits and joins that are told. */
const MAX_TOLD = 50;

/** An occurrence, and the group that it would be in. */
export interface PlacedSample {
  id: string;
  message: string;
  error_id: string;
  error_message: string;
  isChanged: boolean;
  /** Id of an error, or a fingerprint that none has. */
  group: string;
  /** The text behind a new fingerprint. */
  text: string | null;
}

/** Which errors would be split, and which joined. */
export function summary(samples: readonly PlacedSample[]): GroupingPreviewDto {
  const byError = grouped(samples, ({ error_id }) => error_id);
  const byGroup = grouped(samples, ({ group }) => group);
  return {
    occurrences: samples.length,
    groups_before: byError.size,
    groups_after: byGroup.size,
    changed: samples.filter(({ isChanged }) => isChanged).length,
    splits: [...byError.values()].flatMap(splitOf).toSorted(byLength('parts')).slice(0, MAX_TOLD),
    joins: [...byGroup.values()].flatMap(joinOf).toSorted(byLength('errors')).slice(0, MAX_TOLD),
  };
}

function splitOf(samples: PlacedSample[]): PreviewSplitDto[] {
  const parts = grouped(samples, ({ group }) => group);
  if (parts.size === 1) return [];
  const { error_id, error_message } = samples[0]!;
  return [{ error_id, message: error_message, parts: [...parts.values()].map(partOf) }];
}

function partOf(samples: PlacedSample[]): PreviewPartDto {
  const { id, message, text } = samples[0]!;
  return { text, occurrences: samples.length, sample_id: id, sample_message: message };
}

function joinOf(samples: PlacedSample[]): PreviewJoinDto[] {
  const errors = grouped(samples, ({ error_id }) => error_id);
  if (errors.size === 1) return [];
  const told = [...errors.values()].map((same) => ({
    error_id: same[0]!.error_id,
    message: same[0]!.error_message,
    occurrences: same.length,
  }));
  return [{ text: samples.find(({ text }) => text !== null)?.text ?? null, errors: told }];
}

function grouped(
  samples: readonly PlacedSample[],
  keyOf: (sample: PlacedSample) => string,
): Map<string, PlacedSample[]> {
  const groups = new Map<string, PlacedSample[]>();
  for (const sample of samples) {
    const key = keyOf(sample);
    const group = groups.get(key);
    if (group) group.push(sample);
    else groups.set(key, [sample]);
  }
  return groups;
}

function byLength<Key extends string>(key: Key) {
  return (one: Record<Key, unknown[]>, other: Record<Key, unknown[]>) => other[key].length - one[key].length;
}
