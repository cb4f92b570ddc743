import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ErrorLevel } from '../../../../database/entities/error-group.entity.js';
import type { StackFrame } from '../../error-report.js';
import { groupReport } from '../fingerprint.js';
import { checkRules } from './check-rules.js';
import { type CompiledRules, compileRules } from './compile-rules.js';
import type { GroupingPreviewDto, PreviewGroupingBody } from './grouping-rules.dto.js';
import { type PlacedSample, summary } from './preview-summary.js';
import { RuleBook } from './rule-book.js';

/** Occurrences of one error that are looked at: a flood must not hide the others. */
const PER_ERROR = 5;

/** A stored occurrence with its error. */
interface Sample {
  id: string;
  error_id: string;
  error_message: string;
  error_fingerprint: string;
  grouping_text: string;
  source: string;
  platform: string | null;
  culprit: string | null;
  level: ErrorLevel;
  message: string;
  stack_trace: string | null;
  environment: string | null;
  release: string | null;
  tags: Record<string, string> | null;
  frames: StackFrame[] | null;
}

/** The errors that occurred last, by their index; of each its latest occurrences, by theirs. */
const SAMPLES = `
  SELECT o.id, g.error_id, g.message AS error_message, g.fingerprint AS error_fingerprint, g.grouping_text,
    g.source, g.platform, g.culprit, o.level, o.message, o.stack_trace, o.environment, o.release, o.tags,
    jsonb_path_query_first(o.details, '$.exceptions[0].frames') AS frames
  FROM (SELECT id, coalesce(merged_into, id) AS error_id, message, fingerprint, grouping_text, source, platform, culprit FROM errors
        WHERE $1::text IS NULL OR source = $1 ORDER BY last_seen_minute DESC, last_seen DESC LIMIT $2) AS g
  CROSS JOIN LATERAL (SELECT * FROM error_occurrences WHERE error_id = g.id ORDER BY received_at DESC LIMIT ${PER_ERROR}) AS o
  LIMIT $2`;

/** A line of a stored text that says that the report itself chose its group. */
const CHOSEN = /^fingerprint(?: [\w.-]+)?: /m;

/** Shows what a change of the grouping rules would do to what is stored. */
@Injectable()
export class RulesPreview {
  constructor(
    private readonly dataSource: DataSource,
    private readonly book: RuleBook,
  ) {}

  /** @throws CodedException `VALIDATION_FAILED` */
  async preview({ rules, in_app, source, sample }: PreviewGroupingBody): Promise<GroupingPreviewDto> {
    checkRules({ rules, in_app });
    const candidate = compileRules({ rules, in_app });
    const samples = await this.dataSource.query<Sample[]>(SAMPLES, [source ?? null, sample]);
    const known = new Map(samples.map(({ error_fingerprint, error_id }) => [error_fingerprint, error_id]));
    return summary(samples.map((given) => placed(given, this.book.compiled, candidate, known)));
  }
}

/**
 * Where an occurrence would be. What both sets of rules treat alike stays where it is: the stored text may lack what the
 * report held, so only the difference between the two is believed.
 */
function placed(
  sample: Sample,
  held: CompiledRules | undefined,
  candidate: CompiledRules | undefined,
  known: ReadonlyMap<string, string>,
): PlacedSample {
  const report = {
    ...sample,
    tags: sample.tags ?? {},
    frames: Array.isArray(sample.frames) ? sample.frames : null,
    // Its own fingerprint is not stored; it is the same before and after unless a rule overrules it.
    fingerprint: CHOSEN.test(sample.grouping_text) ? ['chosen by the report'] : null,
  };
  const before = groupReport(report, held).grouping;
  const after = groupReport(report, candidate).grouping;
  const isChanged = before.fingerprint !== after.fingerprint;
  const base = { ...sample, isChanged };
  if (!isChanged) return { ...base, group: sample.error_id, text: null };
  const joined = known.get(after.fingerprint);
  return joined === undefined
    ? { ...base, group: after.fingerprint, text: after.text }
    : { ...base, group: joined, text: null };
}
