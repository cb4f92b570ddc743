import { Injectable } from '@nestjs/common';
import { type SettingsByName, SettingsReader } from '../../settings/settings.reader.js';
import type { ErrorReport } from '../error-report.js';
import { parseErrorReport } from '../ingest/parse-error-report.js';
import { reportOfEvent } from '../sentry/event-report.js';
import { explainScrubbing, type ScrubChange } from './explain-scrubbing.js';
import { scrubReport } from './scrub-report.js';
import { compileRules } from './scrub-rules.js';

/** What scrubbing would make of a sample. */
export interface ScrubPreview {
  kind: 'report' | 'sentry_event';
  /** The error as it would be stored. */
  result: Record<string, unknown>;
  changes: ScrubChange[];
}

/** Fields that only SDK events have. */
const EVENT_FIELDS = ['event_id', 'exception', 'logentry', 'breadcrumbs', 'sdk'];
const SOME_EVENT_ID = '0'.repeat(32);

/** Tries scrubbing out. Nothing is stored. */
@Injectable()
export class ScrubbingReader {
  constructor(private readonly settings: SettingsReader) {}

  /**
   * @param sample the body of a report, or an event of a Sentry SDK
   * @param candidate settings to try; by default those that hold
   * @throws CodedException `VALIDATION_FAILED` when the sample is neither, or the candidate is not valid
   */
  async preview(sample: Record<string, unknown>, candidate?: unknown): Promise<ScrubPreview> {
    const privacy =
      candidate === undefined
        ? await this.settings.read('privacy')
        : this.settings.parse('privacy', candidate);
    const isEvent = EVENT_FIELDS.some((field) => field in sample);
    const report = isEvent
      ? reportOfEvent(sample, { source: sourceOf(sample), eventId: SOME_EVENT_ID })
      : parseErrorReport(sample);
    const rules = compileRules(choicesFor(report.source, privacy));
    const before = shown(report);
    const result = shown(scrubReport(report, rules));
    const changes = explainScrubbing(before, result, rules);
    return { kind: isEvent ? 'sentry_event' : 'report', result, changes };
  }
}

/** SDK events do not name their source: it is their project. A sample may, to try the rules of one. */
function sourceOf({ source }: Record<string, unknown>): string {
  return typeof source === 'string' ? source : 'default';
}

function choicesFor(source: string, { sources, ...choices }: SettingsByName['privacy']) {
  return { ...choices, ...sources[source] };
}

/** What is stored of a report, without what it does not have. */
function shown(report: ErrorReport): Record<string, unknown> {
  const stored = JSON.parse(JSON.stringify({ ...report, frames: null })) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(stored).filter(([, value]) => value !== null && JSON.stringify(value) !== '{}'),
  );
}
