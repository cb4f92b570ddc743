import { CheckFailure } from './check-failure.js';
import { describeFailure } from './failure-words.js';

const failure = (code: string, message = code) => Object.assign(new Error(message), { code });

describe('failure words', () => {
  it.each<[unknown, string]>([
    [failure('ECONNREFUSED'), 'Connection refused'],
    [failure('ENOTFOUND'), 'DNS: no such host app.test'],
    [failure('EAI_AGAIN'), 'DNS: no answer about app.test'],
    [failure('EAI_FAIL'), 'DNS: app.test cannot be resolved (EAI_FAIL)'],
    [failure('CERT_HAS_EXPIRED'), 'Certificate has expired'],
    [failure('ERR_TLS_CERT_ALTNAME_INVALID'), 'Certificate is not valid for app.test'],
    [failure('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'Certificate chain is incomplete or its issuer is unknown'],
    [failure('ECONNRESET'), 'Connection reset'],
    [failure('ECONNRESET', 'socket hang up'), 'Connection closed without an answer'],
    [failure('ECONNRESET', 'aborted'), 'Connection closed in the middle of the answer'],
    [
      failure(
        'ECONNRESET',
        'Client network socket disconnected before secure TLS connection was established',
      ),
      'Connection closed during the TLS handshake',
    ],
    [failure('EPROTO', 'write EPROTO … alert handshake failure'), 'TLS handshake failed (EPROTO)'],
    [
      Object.assign(failure('ERR_TLS_CERT_ALTNAME_INVALID'), { host: 'asked.test' }),
      'Certificate is not valid for asked.test',
    ],
    [failure('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), 'The server wants a client certificate'],
    [failure('ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'), 'The server does not offer HTTP/2'],
    [failure('ERR_HTTP2_ERROR', 'Protocol error'), 'HTTP/2: Protocol error'],
    [failure('HPE_INVALID_CONSTANT'), 'The answer is not valid HTTP'],
    [failure('HPE_HEADER_OVERFLOW'), 'The headers of the answer are too large'],
    [new AggregateError([failure('ECONNREFUSED'), failure('ENETUNREACH')]), 'Connection refused'],
    [new CheckFailure('Refused: no'), 'Refused: no'],
    [new Error('Something else'), 'Something else'],
    ['text', 'text'],
    [undefined, 'undefined'],
  ])('%s', (thrown, text) => expect(describeFailure(thrown, 'app.test')).toEqual({ text, ours: false }));

  it.each(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'])('%s is our own fault', (code) => {
    expect(describeFailure(failure(code), 'app.test')).toMatchObject({ ours: true });
  });

  it('keeps messages short', () => {
    expect(describeFailure(new Error('x'.repeat(1_000)), 'app.test').text).toHaveLength(300);
  });
});
