import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
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

/** The certificate of the other side, taken to be trusted; null when it has shown none. */
export function certificateFacts(socket: TLSSocket): CertificateFacts | null {
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) return null;
  return {
    fingerprint: certificate.fingerprint256,
    subject: commonName(certificate.subject),
    issuer: commonName(certificate.issuer),
    names: namesOf(certificate.subjectAltName),
    valid_from: Date.parse(certificate.validFrom),
    valid_to: Date.parse(certificate.validTo),
    trusted: true,
    problem: null,
    chain: chainOf(certificate),
  };
}

/** Whole days until a certificate ends; negative once it has. */
export function daysLeft(certificate: Pick<CertificateFacts, 'valid_to'>, now: number): number {
  return Math.floor((certificate.valid_to - now) / 86_400_000);
}

function chainOf(certificate: X509Certificate): CertificateLink[] {
  const chain: CertificateLink[] = [];
  for (
    let each = certificate.issuerCertificate;
    each && chain.length < MAX_CHAIN;
    each = each.issuerCertificate
  ) {
    chain.push({
      subject: commonName(each.subject),
      issuer: commonName(each.issuer),
      valid_to: new Date(each.validTo).toISOString(),
    });
    if (each.subject === each.issuer) break;
  }
  return chain;
}

/** The part of a distinguished name that people know; all of it when there is none. */
function commonName(distinguished: string): string {
  const lines = distinguished.split('\n');
  return (lines.find((line) => line.startsWith('CN='))?.slice(3) ?? lines.join(', ')).slice(0, 300);
}

function namesOf(alternatives: string | undefined): string[] {
  return (alternatives ?? '')
    .split(', ')
    .map((entry) => entry.replace(/^(DNS|IP Address):/, ''))
    .filter((name) => name !== '')
    .slice(0, MAX_NAMES);
}
