import type { DetailedPeerCertificate, PeerCertificate, TLSSocket } from 'node:tls';
import type { CertificateLink } from '../../../database/entities/endpoint-certificate.entity.js';

/** What there is to know of a certificate. Times in milliseconds since the epoch. */
export interface CertificateFacts {
  /** SHA-256 in hex with colons. */
  fingerprint: string;
  subject: string;
  issuer: string;
  /** Host names and addresses that it is for. */
  names: string[];
  valid_from: number;
  valid_to: number;
  /** Whether this machine trusts it for the host that was asked. */
  trusted: boolean;
  /** Why not. */
  problem: string | null;
  /** Its issuers, the nearest first. */
  chain: CertificateLink[];
}

const MAX_NAMES = 100;
const MAX_CHAIN = 10;

/**
 * The certificate of the other side, taken to be trusted; null when it has shown none, or one whose dates are none.
 * Whatever stands in it may be meant to harm: nothing is verified yet. Node 20 must not be asked for it as an
 * X509Certificate before it has compared its names: it then finds none in it.
 */
export function certificateFacts(socket: TLSSocket): CertificateFacts | null {
  const certificate = socket.getPeerCertificate(true);
  if (!certificate?.raw || !hasDates(certificate)) return null;
  return {
    fingerprint: certificate.fingerprint256,
    subject: commonName(certificate.subject),
    issuer: commonName(certificate.issuer),
    names: namesOf(certificate.subjectaltname),
    valid_from: Date.parse(certificate.valid_from),
    valid_to: Date.parse(certificate.valid_to),
    trusted: true,
    problem: null,
    chain: chainOf(certificate),
  };
}

/** Whole days until a certificate ends; negative once it has. */
export function daysLeft(certificate: Pick<CertificateFacts, 'valid_to'>, now: number): number {
  return Math.floor((certificate.valid_to - now) / 86_400_000);
}

/** Node says `Bad time value` for what is no time. */
function hasDates({ valid_from, valid_to }: PeerCertificate): boolean {
  return !Number.isNaN(Date.parse(valid_from)) && !Number.isNaN(Date.parse(valid_to));
}

function chainOf(certificate: DetailedPeerCertificate): CertificateLink[] {
  const chain: CertificateLink[] = [];
  let last = certificate;
  // A root names itself as its issuer.
  while (last.issuerCertificate && last.issuerCertificate !== last && chain.length < MAX_CHAIN) {
    last = last.issuerCertificate;
    if (!hasDates(last)) break;
    chain.push({
      subject: commonName(last.subject),
      issuer: commonName(last.issuer),
      valid_to: new Date(last.valid_to).toISOString(),
    });
  }
  return chain;
}

/** The part of a distinguished name that people know; all of it when there is none. A part may be there repeatedly. */
function commonName(distinguished: PeerCertificate['subject'] | undefined): string {
  const parts: Record<string, string | string[] | undefined> = { ...distinguished };
  const shown = parts.CN ?? Object.entries(parts).map(([name, value]) => `${name}=${String(value)}`);
  return printable([shown].flat().join(', ').slice(0, 300));
}

function namesOf(alternatives: string | undefined): string[] {
  return printable(alternatives ?? '')
    .split(', ')
    .map((entry) => entry.replace(/^(DNS|IP Address):/, ''))
    .filter((name) => name !== '')
    .slice(0, MAX_NAMES);
}

/** PostgreSQL’s texts cannot hold a null character. */
function printable(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}
