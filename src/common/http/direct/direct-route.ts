import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { CodedException } from '../../coded-exception.js';

/** A request whose body has arrived, decompressed and within its limit. */
export interface DirectRequest {
  /** For whoever authorises it. */
  incoming: IncomingMessage;
  /** Without the query and without a trailing slash. */
  path: string;
  /** With the question mark; empty when there is none. */
  query: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Who sent it, behind trusted proxies. */
  ipAddress: string | undefined;
}

export interface DirectAnswer {
  status: number;
  /** Text or bytes; nothing for an empty body. */
  body: string | Uint8Array;
  /** Default: `application/json; charset=utf-8`. */
  contentType?: string;
  headers?: OutgoingHttpHeaders;
}

/**
 * An address that is answered before the framework sees the request, because so many come that the framework would be
 * most of their cost. Everything else about it is as for any other address: ids, times, figures, security headers, failures.
 */
export interface DirectRoute {
  /** Names it in figures: `/api/errors`. */
  pattern: string;
  /** Whether a POST to this path, without its trailing slash, is meant. */
  matches(path: string): boolean;
  /** Whether pages of any origin may send here; otherwise those of `CORS_ORIGINS`. */
  anyOrigin?: boolean;
  /** Response headers that pages may read, beside the usual; and request headers that they may send. */
  exposedHeaders?: readonly string[];
  allowedHeaders?: readonly string[];
  /** Largest body in bytes, before and after decompression. Default: `BODY_LIMIT_KB`. */
  maxBytes?: number;
  answer(request: DirectRequest): Promise<DirectAnswer>;
  /** What a failure looks like in this protocol. Default: our error envelope. */
  failed?(failure: CodedException, request: IncomingMessage): DirectAnswer;
}
