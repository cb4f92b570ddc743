import type { ErrorLevel } from '../../database/entities/error-group.entity.js';

/** One call of a stack trace that was reported in parts. Lengths are bounded by whoever reads the protocol. */
export interface StackFrame {
  /** Function or method; null when it has no name. */
  function: string | null;
  /** Package, class or module path: `com.acme.Shop`, `app.views`. */
  module: string | null;
  /** File as the program calls it, which may be relative: `src/shop.js`, `Shop.java`. */
  filename: string | null;
  /** Full path or URL of the file. */
  abs_path: string | null;
  /** Line, from 1. */
  lineno: number | null;
  /** Column, from 1. */
  colno: number | null;
  /** Whether it is the user’s own code; null when the reporter does not say. */
  in_app: boolean | null;
  /** Source around the line, and values of variables, for people. */
  context_line?: string;
  pre_context?: string[];
  post_context?: string[];
  vars?: Record<string, unknown>;
}

/** Longest part of {@link AffectedUser}, in UTF-16 units. */
export const MAX_USER_PART = 200;

/** Whom an error hit. */
export interface AffectedUser {
  id: string | null;
  email: string | null;
  username: string | null;
  ip_address: string | null;
}

/**
 * One error as it was reported, whatever the protocol: complete, bounded, not yet scrubbed. Protocols make it
 * (`ingest/`, `sentry/`, `otlp/`); `scrubbing/` takes secrets out; `grouping/` says which group it belongs to;
 * `storing/` counts and keeps it.
 */
export interface ErrorReport {
  level: ErrorLevel;
  /** What went wrong: `Type: value`, or the message. */
  message: string;
  /** Lines for people, the call that failed first. */
  stack_trace: string | null;
  /** Whatever helps. Merged into the group’s context, so it stays small. */
  context: Record<string, unknown>;
  /** The program that reports: the slug of its project. */
  source: string;
  environment: string | null;
  url: string | null;
  user_agent: string | null;
  ip_address: string | null;
  /** Version of the program. */
  release: string | null;
  /** Language or runtime: `javascript`, `python`… */
  platform: string | null;
  /** Where in the program, in few words: the transaction, or the call that failed. */
  culprit: string | null;
  /** Short names and values to search for. */
  tags: Record<string, string>;
  user: AffectedUser | null;
  /** Replaces our own grouping; `{{ default }}` within it stands for that. Never empty. */
  fingerprint: string[] | null;
  /** The calls, the one that failed first. Null: the stack trace is all there is. */
  frames: StackFrame[] | null;
  /** What only single occurrences show: `exceptions` with frames, `breadcrumbs`, `request`, `contexts`, `modules`, `sdk`… */
  details: Record<string, unknown> | null;
  /** 32 hex digits. A second report with the same id from the same source is not counted. */
  event_id: string | null;
  /** When it happened by the reporter’s clock. */
  occurred_at: Date | null;
}

/** Longest texts of a report that are kept, in UTF-16 units. What is longer is cut, and says so. */
export const MAX_LENGTHS = {
  message: 8_192,
  stack_trace: 65_536,
  source: 200,
  environment: 100,
  url: 2_048,
  user_agent: 512,
  ip_address: 64,
  release: 200,
  platform: 64,
  culprit: 200,
} as const;

/** Whom a report is counted under when affected users are counted; null when it names nobody. */
export function userKey({ user }: Pick<ErrorReport, 'user'>): string | null {
  return user && (user.id ?? user.email ?? user.username ?? user.ip_address);
}
