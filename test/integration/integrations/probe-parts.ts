import { AddressGuard } from '../../../src/common/outgoing/address-guard.js';
import { GuardedResolver, type ResolveName } from '../../../src/common/outgoing/guarded-resolver.js';
import { kindOf } from '../../../src/modules/integrations/kinds/integration-kinds.js';
import {
  IntegrationProber,
  type ProbeResult,
} from '../../../src/modules/integrations/probing/integration-prober.js';

/** A prober as the product has it, with less patience. */
export function makeProber(
  timeoutMs = 5_000,
  allowPrivate = true,
  resolveName?: ResolveName,
): IntegrationProber {
  const resolver = new GuardedResolver(new AddressGuard({ ALLOW_PRIVATE_TARGETS: allowPrivate }));
  if (resolveName) resolver.resolveName = resolveName;
  const prober = new IntegrationProber(resolver);
  prober.timeoutMs = timeoutMs;
  return prober;
}

/** Probes with settings as a request gives them: through the schema, so with its defaults. */
export function probe(
  kindName: string,
  given: Record<string, unknown>,
  prober = makeProber(),
): Promise<ProbeResult> {
  const kind = kindOf(kindName)!;
  return prober.probe(kind, kind.settings.parse(given));
}

export const healthy = { ok: true, error: null, response_time_ms: expect.any(Number) };

export const broken = (error: unknown) => ({ ok: false, error, detail: null, response_time_ms: null });
