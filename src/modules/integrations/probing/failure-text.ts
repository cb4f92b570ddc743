import { z } from 'zod';
import { UnusableHost } from '../../../common/outgoing/guarded-resolver.js';
import { HIDDEN } from '../../../common/secret-box.js';
import { ProbeFailure } from './probe-context.js';

const MAX_LENGTH = 300;

const WORDS: Record<string, string> = {
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset',
  EHOSTUNREACH: 'Host unreachable',
  ENETUNREACH: 'Network unreachable',
  EPIPE: 'Connection closed while sending the request',
  ETIMEDOUT: 'Connection timed out',
  CERT_HAS_EXPIRED: 'Certificate has expired',
  CERT_NOT_YET_VALID: 'Certificate is not valid yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'Certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'Certificate chain ends in an unknown root',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'Certificate chain is incomplete or its issuer is unknown',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'Certificate chain is incomplete or its issuer is unknown',
  ERR_TLS_CERT_ALTNAME_INVALID: 'Certificate is for another host',
};

/** Failures of this machine. */
const OURS = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);

export interface FailureText {
  error: string;
  /** Whether it says nothing about the service. */
  unmeasured: boolean;
}

/** What went wrong with a probe, for a person. */
export function failureText(thrown: unknown): FailureText {
  if (thrown instanceof ProbeFailure) return { error: thrown.message, unmeasured: thrown.unmeasured };
  if (thrown instanceof UnusableHost) return { error: thrown.message, unmeasured: false };
  if (thrown instanceof z.ZodError) {
    return { error: 'Not measured: its settings are not valid any more; save them again', unmeasured: true };
  }
  const { code = '', message, hostname = 'the host' } = firstCause(thrown);
  if (OURS.has(code))
    return { error: `Not measured: this machine ran out of means (${code})`, unmeasured: true };
  if (code === 'ENOTFOUND') return { error: `DNS: no such host ${hostname}`, unmeasured: false };
  if (code === 'EAI_AGAIN') return { error: `DNS: no answer about ${hostname}`, unmeasured: false };
  return { error: WORDS[code] ?? wordsOf(message), unmeasured: false };
}

function wordsOf(message: string): string {
  if (message === 'socket hang up') return 'Connection closed without an answer';
  if (message === 'aborted') return 'Connection closed in the middle of the answer';
  if (message.includes('wrong version number') || message.includes('packet length too long')) {
    return 'The server does not speak TLS on this port';
  }
  if (message.includes('before secure TLS connection')) return 'Connection closed during the TLS handshake';
  return message;
}

/** When several addresses of a name were tried, the first failure speaks for all. */
function firstCause(thrown: unknown): Cause {
  const { errors, code, message, hostname } = Object(thrown) as Partial<Cause> & { errors?: unknown[] };
  if (Array.isArray(errors) && errors.length > 0) return firstCause(errors[0]);
  return { code, message: message || code || String(thrown), hostname };
}

interface Cause {
  code?: string;
  message: string;
  /** Of a failed lookup. */
  hostname?: string;
}

/** Whatever a server or a library says, it does not carry our secrets into answers, rows or logs. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const form of secrets.flatMap(formsOf).toSorted((a, b) => b.length - a.length)) {
    clean = clean.replaceAll(form, HIDDEN);
  }
  return clean.slice(0, MAX_LENGTH);
}

const SHORTEST_FORM = 4;
/** Shorter parts of an address are words like `services`, which say nothing. */
const SHORTEST_PART = 10;

/** How a secret may turn up: as it is, in JSON, in a URL, in basic authentication; of an address, also in parts. */
function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  const json = JSON.stringify(secret).slice(1, -1);
  const forms = [secret, json, encodeURIComponent(secret), base64].filter(
    (form) => form.length >= SHORTEST_FORM,
  );
  return URL.canParse(secret) ? [...forms, ...partsOf(new URL(secret))] : forms;
}

function partsOf({ pathname, search, searchParams }: URL): string[] {
  const parts = [pathname + search, pathname, ...pathname.split('/'), ...searchParams.values()];
  return parts.filter((part) => part.length >= SHORTEST_PART);
}
