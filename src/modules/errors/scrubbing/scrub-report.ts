import type { AffectedUser, ErrorReport } from '../error-report.js';
import { redactMessage } from './redact-text.js';
import { DETAIL_BOUNDS, redactContext } from './redaction.js';
import { storableText } from './storable-text.js';

/** The same report without secrets and personal data, in text that the database can hold. */
export function scrubReport(report: ErrorReport): ErrorReport {
  return {
    ...report,
    message: storableText(redactMessage(report.message)),
    stack_trace: report.stack_trace && storableText(redactMessage(report.stack_trace)),
    context: redactContext(report.context),
    source: storableText(report.source),
    environment: report.environment && storableText(report.environment),
    url: report.url && storableText(redactMessage(report.url)),
    user_agent: report.user_agent && storableText(report.user_agent),
    ip_address: report.ip_address && storableText(report.ip_address),
    release: report.release && storableText(report.release),
    platform: report.platform && storableText(report.platform),
    culprit: report.culprit && storableText(redactMessage(report.culprit)),
    tags: redactTags(report.tags),
    user: report.user && (redactContext({ ...report.user }) as unknown as AffectedUser),
    details: report.details && redactContext(report.details, DETAIL_BOUNDS),
  };
}

function redactTags(tags: Readonly<Record<string, string>>): Record<string, string> {
  return redactContext(tags) as Record<string, string>;
}
