import type { EntityManager } from 'typeorm';
import type { CertificateFacts } from '../checkers/certificate-facts.js';
import type { StatusUpdate } from './endpoint-status.store.js';

/** A certificate that an endpoint has shown. */
export interface SeenCertificate {
  endpoint_id: string;
  certificate: CertificateFacts;
  /** When, in milliseconds since the epoch. */
  seen_at: number;
}

/**
 * How long a certificate is taken to be stored as this process stored it: another process may have seen another one
 * meanwhile.
 */
const BELIEVED_MS = 15 * 60_000;
const MAX_REMEMBERED = 50_000;

/** Remembers which certificates are stored, so that a check which shows the same one again costs nothing. */
export class StoredCertificates {
  private readonly known = new Map<string, { key: string; until: number }>();

  /** Those that may have to be written; the newest of each endpoint. */
  changed(seen: readonly SeenCertificate[], now: number): SeenCertificate[] {
    const newest = new Map(seen.map((each) => [each.endpoint_id, each]));
    return [...newest.values()].filter((each) => {
      const stored = this.known.get(each.endpoint_id);
      return stored?.key !== keyOf(each.certificate) || stored.until <= now;
    });
  }

  /** To be called after commit. */
  remember(written: readonly SeenCertificate[], now: number): void {
    for (const { endpoint_id, certificate } of written) {
      this.known.delete(endpoint_id);
      this.known.set(endpoint_id, { key: keyOf(certificate), until: now + BELIEVED_MS });
    }
    for (const oldest of this.known.keys()) {
      if (this.known.size <= MAX_REMEMBERED) return;
      this.known.delete(oldest);
    }
  }

  forget(endpointIds: readonly string[]): void {
    for (const id of endpointIds) this.known.delete(id);
  }
}

function keyOf({ fingerprint, trusted, problem }: CertificateFacts): string {
  return `${fingerprint} ${trusted} ${problem ?? ''}`;
}

/** What the newest results say about certificates that is not stored yet. */
export function certificatesOf(
  updates: readonly StatusUpdate[],
  stored: StoredCertificates,
  now: number,
): { shown: SeenCertificate[]; gone: string[] } {
  const seen: SeenCertificate[] = [];
  const gone: string[] = [];
  for (const { status, result } of updates) {
    const { certificate, ok } = result.measurement;
    const { endpoint_id } = status;
    if (certificate) seen.push({ endpoint_id, certificate, seen_at: result.checked_at });
    else if (ok === true && status.has_certificate) gone.push(endpoint_id);
  }
  return { shown: stored.changed(seen, now), gone };
}

/** The caller holds the lock on the endpoints’ status rows. What is stored already is not written again. */
export async function writeCertificates(
  manager: EntityManager,
  seen: readonly SeenCertificate[],
): Promise<void> {
  if (seen.length === 0) return;
  await manager.query(
    `WITH given AS (
       SELECT * FROM jsonb_to_recordset($1::jsonb) AS g(endpoint_id uuid, fingerprint text, subject text, issuer text,
         names text[], valid_from float8, valid_to float8, trusted boolean, problem text, chain jsonb, seen_at float8)
     ),
     written AS (
       INSERT INTO endpoint_certificates AS c (endpoint_id, fingerprint, subject, issuer, names, valid_from, valid_to,
         trusted, problem, chain, seen_at)
       SELECT endpoint_id, fingerprint, subject, issuer, names, to_timestamp(valid_from / 1000),
         to_timestamp(valid_to / 1000), trusted, problem, chain, to_timestamp(seen_at / 1000)
       FROM given
       ON CONFLICT (endpoint_id) DO UPDATE SET
         (fingerprint, subject, issuer, names, valid_from, valid_to, trusted, problem, chain, seen_at)
         = (excluded.fingerprint, excluded.subject, excluded.issuer, excluded.names, excluded.valid_from,
           excluded.valid_to, excluded.trusted, excluded.problem, excluded.chain, excluded.seen_at)
       WHERE (c.fingerprint, c.trusted, c.problem)
         IS DISTINCT FROM (excluded.fingerprint, excluded.trusted, excluded.problem)
       RETURNING endpoint_id, valid_to
     )
     UPDATE endpoint_status s SET certificate_expires_at = w.valid_to
     FROM written w WHERE s.endpoint_id = w.endpoint_id`,
    [JSON.stringify(seen.map(({ certificate, ...rest }) => ({ ...rest, ...certificate })))],
  );
}

/** For endpoints that answer, but show no certificate any more: their address has changed. */
export async function deleteCertificates(
  manager: EntityManager,
  endpointIds: readonly string[],
): Promise<void> {
  if (endpointIds.length === 0) return;
  await manager.query(
    `WITH gone AS (DELETE FROM endpoint_certificates WHERE endpoint_id = ANY($1::uuid[]))
     UPDATE endpoint_status SET certificate_expires_at = NULL WHERE endpoint_id = ANY($1::uuid[])`,
    [endpointIds],
  );
}
