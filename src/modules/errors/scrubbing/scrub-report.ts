import type { AffectedUser, ErrorReport } from '../error-report.js';
import { keptAddress } from './ip-addresses.js';
import { redactText } from './redact-text.js';
import { DETAIL_BOUNDS, redactContext } from './redaction.js';
import { DEFAULT_RULES, type ScrubRules } from './scrub-rules.js';
import { storableText } from './storable-text.js';

/** How a message, a stack trace or a URL is scrubbed. */
export type ScrubText = (text: string) => string;

/** The same report without secrets and personal data, in text that the database can hold. */
export function scrubReport(
  report: ErrorReport,
  rules: ScrubRules = DEFAULT_RULES,
  scrub: ScrubText = (text) => storableText(redactText(text, rules.messages)),
): ErrorReport {
  return {
    ...report,
    message: scrub(report.message),
    stack_trace: report.stack_trace && scrub(report.stack_trace),
    context: redactContext(report.context, rules),
    source: storableText(report.source),
    environment: report.environment && storableText(report.environment),
    url: report.url && storableText(redactText(report.url, rules.messages)),
    user_agent: report.user_agent && storableText(report.user_agent),
    ip_address: keptAddress(report.ip_address && storableText(report.ip_address), rules.ipAddresses),
    release: report.release && storableText(report.release),
    platform: report.platform && storableText(report.platform),
    culprit: report.culprit && storableText(redactText(report.culprit, rules.messages)),
    tags: redactContext(report.tags, rules) as Record<string, string>,
    user: report.user && scrubUser(report.user, rules),
    details: report.details && redactContext(report.details, rules, DETAIL_BOUNDS),
  };
}

function scrubUser({ ip_address, ...named }: AffectedUser, rules: ScrubRules): AffectedUser {
  const address = keptAddress(ip_address && storableText(ip_address), rules.ipAddresses);
  return { ...(redactContext(named, rules) as unknown as AffectedUser), ip_address: address };
}
