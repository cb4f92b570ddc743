import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { TlsSettings } from './attempt.js';

/** One request of a check: the first, or one that a redirect leads to. */
export interface HopRequest {
  url: URL;
  method: string;
  headers: Readonly<Record<string, string>>;
  body: string | null;
  http_version: '1.1' | '2';
  tls: TlsSettings;
  /** The same for other origins, which have another name, and no claim to our certificate. */
  tls_elsewhere: TlsSettings;
  proxy?: URL;
  /** More of an answer than this is not read: a check must not become a download. */
  max_body_bytes: number;
  /** Whether the text of the answer is wanted. */
  keep_text: boolean;
}

export interface HopAnswer {
  status_code: number;
  headers: IncomingMessage['headers'];
  /** What was read of the body; empty when nobody wants it. */
  body: Buffer;
  /** Whether there is more of it. */
  is_cut: boolean;
}

/** A body as far as it was read. */
export type ReadBody = Pick<HopAnswer, 'body' | 'is_cut'>;

/** Reads to the end or to the limit; what is beyond is dropped with the socket. */
export function readAnswer(
  answer: Readable,
  { max_body_bytes, keep_text }: HopRequest,
  onEnd: (read: ReadBody) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const end = (): void =>
    onEnd({ body: Buffer.concat(chunks).subarray(0, max_body_bytes), is_cut: bytes > max_body_bytes });
  answer.on('end', end);
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (keep_text) chunks.push(chunk);
    if (bytes <= max_body_bytes) return;
    end();
    answer.destroy();
  });
}
