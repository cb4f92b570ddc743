/** Where a part of a grouping comes from. */
export const GROUPING_ORIGINS = ['message', 'cause', 'frame', 'stack', 'fingerprint', 'rule'] as const;
export type GroupingOrigin = (typeof GROUPING_ORIGINS)[number];

/** One part of what was hashed. */
export interface GroupingPart {
  origin: GroupingOrigin;
  /** The variable that a part of a fingerprint or rule stood for, `type` for `{{ type }}`; null for what stands for itself. */
  variable: string | null;
  value: string;
}

const PART = /^(message|cause|frame|stack|fingerprint|rule)(?: ([\w.-]+))?: (.*)$/s;

/** Takes the text behind a fingerprint apart. Version 1 named its lines by their order. */
export function explainGrouping(version: number, text: string): GroupingPart[] {
  const lines = text.split('\n').slice(1);
  if (version === 1) return lines.map((value, index) => part(index === 0 ? 'message' : 'frame', null, value));
  return lines.flatMap((line) => {
    const match = PART.exec(line);
    return match ? [part(match[1] as GroupingOrigin, match[2] ?? null, match[3]!)] : [];
  });
}

function part(origin: GroupingOrigin, variable: string | null, value: string): GroupingPart {
  return { origin, variable, value };
}

/** Who decided the group: our own algorithm, the report, or a rule. */
export function decidedBy(parts: readonly GroupingPart[]): 'algorithm' | 'report' | 'rule' {
  if (parts.some(({ origin }) => origin === 'rule')) return 'rule';
  return parts.some(({ origin }) => origin === 'fingerprint') ? 'report' : 'algorithm';
}
