import { invalidField } from '../../../common/coded-exception.js';
import type { EndpointChangesDto, EndpointSettingsDto } from './dto/endpoint-settings.dto.js';
import { rulesOf } from './endpoint-kinds.js';
import type { SealedSecrets } from './endpoint-secrets.js';
import { hasMarkers } from './endpoint-settings.js';
import type { EndpointSettings } from './settings-defaults.js';
import { originOf } from './target-url.js';

/** What a request makes of stored settings. */
export interface Revision {
  settings: EndpointSettings;
  /** Sealed columns that stay as they are, whether or not the key at hand can open them. */
  kept: Partial<SealedSecrets>;
  /** Whether it takes over secrets that it does not name. */
  takesStored: boolean;
}

type Kept = Omit<Revision, 'settings'>;

/** A replacement keeps only what it has markers for, and the token of a push endpoint, which nobody can send. */
export function keptByReplacement(
  given: EndpointSettingsDto,
  current: EndpointSettings,
  { secret_options_encrypted }: SealedSecrets,
): Kept {
  return {
    kept: current.kind === 'push' ? { secret_options_encrypted } : {},
    takesStored: hasMarkers(given),
  };
}

/** A change keeps what it does not name, unless the kind changes: then everything that depends on it starts afresh. */
export function keptByChange(
  given: EndpointChangesDto,
  current: EndpointSettings,
  stored: SealedSecrets,
): Kept {
  const takesStored = hasMarkers(given);
  if (given.kind !== undefined && given.kind !== current.kind) return { kept: {}, takesStored };
  const names = rulesOf(current.kind).secret_options;
  const named = names.filter((name) => name in (given.options ?? {}));
  return {
    kept: {
      ...(given.headers === undefined && { headers_encrypted: stored.headers_encrypted }),
      ...(given.auth === undefined && { auth_encrypted: stored.auth_encrypted }),
      ...(named.length === 0 && { secret_options_encrypted: stored.secret_options_encrypted }),
    },
    takesStored:
      takesStored ||
      (named.length > 0 && names.some((name) => !named.includes(name) && name in current.secret_options)),
  };
}

/** Nobody who may only write gets to read secrets by having them sent to a server of their own. */
export function assertSecretsStay(before: EndpointSettings, { settings, kept, takesStored }: Revision): void {
  if (settings.kind === 'push') return;
  const moved = leadsTo(settings) !== leadsTo(before);
  const rerouted = via(settings) !== undefined && via(settings) !== via(before);
  if (!moved && !rerouted) return;
  if (!takesStored && !Object.values(kept).some(Boolean)) return;
  const again = 'send headers, auth and secret options again, with their secrets';
  if (moved) throw invalidField('url', `leads to another origin: ${again}`);
  throw invalidField('options.proxy', `leads through another proxy: ${again}`);
}

function leadsTo({ kind, url }: EndpointSettings): string {
  return originOf(url, rulesOf(kind).schemes);
}

/** The proxy sees what is sent, too. */
function via({ options, secret_options }: EndpointSettings): unknown {
  return secret_options['proxy'] ?? options['proxy'];
}
