import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { CodedException } from '../../coded-exception.js';

/** A request of which nothing but the head has been read. */
export interface DirectHead {
  /** For whoever authorises it. */
  incoming: IncomingMessage;
  /** Without the query and without a trailing slash. */
  path: string;
  /** With the question mark; empty when there is none. */
  query: string;
  headers: IncomingHttpHeaders;
  /** Who sent it, behind trusted proxies. */
  ipAddress: string | undefined;
}

/** A request whose body has arrived, decompressed and within its limit. */
export interface DirectRequest extends DirectHead {
  body: Buffer;
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
export interface DirectRoute<Sender = unknown> {
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
  /**
   * Says who sends, or refuses them, before anything of the body is read: nobody without a right makes us hold and unpack it.
   * Undefined when only the body can tell; that body is then held to `BODY_LIMIT_KB`.
   */
  admit?(head: DirectHead): Promise<Sender>;
  /** @param sender what {@link admit} has answered */
  answer(request: DirectRequest, sender: Sender): Promise<DirectAnswer>;
  /** What a failure looks like in this protocol. Default: our error envelope. */
  failed?(failure: CodedException, request: IncomingMessage): DirectAnswer;
}
