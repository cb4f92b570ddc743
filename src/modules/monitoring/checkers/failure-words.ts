import { UnusableHost } from '../../../common/outgoing/guarded-resolver.js';
import { CheckFailure } from './check-failure.js';

const MAX_LENGTH = 300;

const WORDS: Record<string, string> = {
  ECONNREFUSED: 'Connection refused',
  ECONNRESET: 'Connection reset',
  ECONNABORTED: 'Connection aborted',
  EPIPE: 'Connection closed while sending the request',
  EHOSTUNREACH: 'Host unreachable',
  EHOSTDOWN: 'Host is down',
  ENETUNREACH: 'Network unreachable',
  ETIMEDOUT: 'Connection timed out',
  EADDRNOTAVAIL: 'No local address to connect from',
  EACCES: 'Connection not permitted',
  CERT_HAS_EXPIRED: 'Certificate has expired',
  CERT_NOT_YET_VALID: 'Certificate is not valid yet',
  CERT_REVOKED: 'Certificate has been revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'Certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'Certificate chain ends in an unknown root',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'Certificate chain is incomplete or its issuer is unknown',
  UNABLE_TO_GET_ISSUER_CERT: 'Certificate chain is incomplete or its issuer is unknown',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'Certificate chain is incomplete or its issuer is unknown',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'The server does not speak TLS on this port',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'The server wants a client certificate',
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'The server sent a message that is too long',
  HPE_HEADER_OVERFLOW: 'The headers of the answer are too large',
};

/** Failures of this machine, not of the endpoint. */
const OURS: Record<string, string> = {
  EMFILE: 'Not checked: this worker has too many open files',
  ENFILE: 'Not checked: this machine has too many open files',
  ENOBUFS: 'Not checked: this machine is out of socket buffers',
  ENOMEM: 'Not checked: this machine is out of memory',
};

export interface FailureWords {
  text: string;
  /** Says nothing about the endpoint. */
  ours: boolean;
}

/** What went wrong with a check of `host`, for a person. */
export function describeFailure(thrown: unknown, host: string): FailureWords {
  if (thrown instanceof CheckFailure) return { text: thrown.message, ours: thrown.ours };
  if (thrown instanceof UnusableHost) return { text: thrown.message, ours: false };
  const error = firstCause(thrown);
  const code = error.code ?? '';
  const ours = OURS[code];
  if (ours) return { text: ours, ours: true };
  return { text: wordsOf(code, error, host).slice(0, MAX_LENGTH), ours: false };
}

function wordsOf(code: string, error: Cause, host: string): string {
  const message = error.message || code || 'Failed';
  if (message === 'socket hang up') return 'Connection closed without an answer';
  if (message === 'aborted') return 'Connection closed in the middle of the answer';
  if (message.includes('wrong version number')) return 'The server does not speak TLS on this port';
  if (message.includes('before secure TLS connection')) return 'Connection closed during the TLS handshake';
  const known = WORDS[code];
  if (known) return known;
  if (code === 'ENOTFOUND') return `DNS: no such host ${host}`;
  if (code === 'EAI_AGAIN') return `DNS: no answer about ${host}`;
  if (code.startsWith('EAI_') || code === 'ENODATA') return `DNS: ${host} cannot be resolved (${code})`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') {
    return `Certificate is not valid for ${error.host ?? host}`;
  }
  if (code.startsWith('HPE_')) return 'The answer is not valid HTTP';
  if (code.startsWith('ERR_HTTP2_')) return `HTTP/2: ${message}`;
  if (code === 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL') return 'The server does not offer HTTP/2';
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) {
    return `TLS handshake failed (${code})`;
  }
  return message;
}

/** `host` is the name that a certificate should be for. */
type Cause = NodeJS.ErrnoException & { host?: string };

/** When several addresses of a name were tried, the first failure speaks for all. */
function firstCause(thrown: unknown): Cause {
  const { errors } = Object(thrown) as { errors?: unknown[] };
  if (Array.isArray(errors) && errors.length > 0) return firstCause(errors[0]);
  const { message, code, host } = Object(thrown) as Cause;
  return { name: 'Error', message: message ?? String(thrown), code, host };
}
