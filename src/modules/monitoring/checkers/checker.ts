/** How an endpoint proves who it is asked by. */
export type EndpointAuth =
  { type: 'basic'; username: string; password: string } | { type: 'bearer'; token: string };

/** Everything a checker needs to know of an endpoint. */
export interface CheckTarget {
  url: string;
  method: string;
  headers: Readonly<Record<string, string>>;
  body: string | null;
  auth: EndpointAuth | null;
  timeout_ms: number;
  expected_status_codes: readonly string[];
  follow_redirects: number;
  verify_tls: boolean;
}

/** Milliseconds spent in each phase, over all redirects; null for a phase that did not happen. */
export interface Phases {
  dns: number | null;
  connect: number | null;
  tls: number | null;
  first_byte: number | null;
  download: number | null;
}

/** What one check found. */
export interface Measurement {
  /** Null when the fault is ours (out of sockets, lookups held up): nothing was learned about the endpoint. */
  ok: boolean | null;
  status_code: number | null;
  /** Why it is not ok, for a person. */
  error: string | null;
  /** From the start to the last byte; null when no answer came. */
  response_time_ms: number | null;
  phases: Phases;
}

/** Checks endpoints of one kind. Never rejects: whatever goes wrong is the result. */
export interface Checker {
  check(target: CheckTarget): Promise<Measurement>;
}

/** A failure that already speaks to a person. */
export class CheckFailure extends Error {
  constructor(
    message: string,
    /** Whether the fault is ours: then nothing was learned about the endpoint. */
    readonly ours = false,
  ) {
    super(message);
  }
}
