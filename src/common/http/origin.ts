import { type Config, publicUrl } from '../../config/config.js';

type OriginSettings = Pick<Config, 'CORS_ORIGINS' | 'PUBLIC_URL' | 'PORT'>;

/**
 * Whether a page of this origin may act for the person whose cookie its requests carry: our own pages, and those of
 * origins that are named one by one. `*` lets anybody read what needs no cookie; it trusts nobody with one.
 * @param host what the request calls us; a proxy may have changed it
 */
export function isTrustedOrigin(config: OriginSettings, origin: string, host: string | undefined): boolean {
  if (!URL.canParse(origin)) return false;
  const asking = new URL(origin);
  return (
    asking.host === host ||
    asking.origin === new URL(publicUrl(config)).origin ||
    config.CORS_ORIGINS.includes(origin)
  );
}
