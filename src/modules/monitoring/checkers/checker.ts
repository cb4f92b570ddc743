import type { ZodType } from 'zod';
import type { Assertion } from './assertions.js';
import type { Attempt } from './attempt.js';
import type { CertificateFacts } from './certificate-facts.js';
import type { Phases } from './phase-clock.js';

/** How an endpoint proves who it is asked by. */
export type EndpointAuth =
  { type: 'basic'; username: string; password: string } | { type: 'bearer'; token: string };

/** Everything a checker needs to know of an endpoint. */
export interface CheckTarget<Options extends object = object> {
  url: string;
  method: string;
  headers: Readonly<Record<string, string>>;
  body: string | null;
  auth: EndpointAuth | null;
  timeout_ms: number;
  expected_status_codes: readonly string[];
  follow_redirects: number;
  verify_tls: boolean;
  /** Settings of its kind, secrets open. */
  options: Options;
  assertions: readonly Assertion[];
}

/** What one check found. */
export interface Measurement {
  /** Null when the fault is ours (out of sockets, lookups held up): nothing was learned about the endpoint. */
  ok: boolean | null;
  status_code: number | null;
  /** Why it is not ok, or which soft assertion failed, for a person. */
  error: string | null;
  /** Good, but a soft assertion failed. */
  degraded: boolean;
  /** From the start to the last byte; null when no answer came. */
  response_time_ms: number | null;
  phases: Phases;
  /** The certificate that the other side has shown last. */
  certificate: CertificateFacts | null;
}

/** What came back, for assertions to look at. */
export interface Answer {
  /** Why the answer is not the expected one; null when it is. */
  failure: string | null;
  /** Of HTTP, SMTP and gRPC. */
  status_code?: number;
  headers?: Readonly<Record<string, string | string[] | undefined>>;
  /** Body, banner, records: whatever text the protocol answers with. */
  text?: string;
  /** Set when the answer is longer than its text: after how many KiB that was cut off. */
  cut_at_kb?: number;
  /** When the protocol measures it better than the clock of the check does. */
  response_time_ms?: number;
}

/**
 * A kind of endpoint: what its address and options look like, and how one is asked. One file each; they hold no state.
 */
export interface Checker<Options extends object = object> {
  /** Schemes of its addresses, `http:`, each with the port that it means when none is given (null: it has none). */
  schemes: Readonly<Record<string, number | null>>;
  /** Its options; parsing `{}` gives the defaults. */
  options: ZodType<Options>;
  /** Those that are stored encrypted and never shown. */
  secret_options: readonly string[];
  /** How it can log in. */
  auth: readonly EndpointAuth['type'][];
  /** What assertions may look at, besides the response time. */
  asserts: readonly ('body' | 'json' | 'header' | 'certificate_days')[];
  /**
   * Asks once, on fresh sockets that come from the attempt, and reads the whole answer.
   * @throws whatever went wrong: describeFailure finds the words
   */
  probe(target: CheckTarget<Options>, attempt: Attempt): Promise<Answer>;
}
