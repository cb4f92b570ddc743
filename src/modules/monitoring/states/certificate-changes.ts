import type { SeenCertificate, StoredCertificates } from './certificates.store.js';
import type { StatusUpdate } from './endpoint-status.store.js';

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
