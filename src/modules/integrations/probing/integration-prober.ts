import { Injectable } from '@nestjs/common';
import { formatDuration } from '../../../common/duration.js';
import { GuardedResolver } from '../../../common/outgoing/guarded-resolver.js';
import type { IntegrationKind } from '../kinds/integration-kind.js';
import { failureText, withoutSecrets } from './failure-text.js';
import { ProbeFailure } from './probe-context.js';

const TIMEOUT_MS = 10_000;

/** What one probe said. */
export interface ProbeResult {
  /** Null when nothing was measured. */
  ok: boolean | null;
  /** What is wrong, for a person; null when nothing is. */
  error: string | null;
  /** What was found; null when something is wrong. */
  detail: string | null;
  /** Null unless the probe succeeded. */
  response_time_ms: number | null;
}

/** Makes one probe, and always has a result: within ten seconds, and without a secret in it. */
@Injectable()
export class IntegrationProber {
  /** Shortened by tests. */
  timeoutMs = TIMEOUT_MS;

  constructor(private readonly resolver: GuardedResolver) {}

  async probe(kind: IntegrationKind, settings: Record<string, unknown>): Promise<ProbeResult> {
    const secrets = kind.secrets.map((field) => settings[field]).filter((value) => typeof value === 'string');
    const started = performance.now();
    try {
      const detail = await this.withDeadline(kind, settings);
      const response_time_ms = Math.round((performance.now() - started) * 100) / 100;
      return { ok: true, error: null, detail: withoutSecrets(detail, secrets), response_time_ms };
    } catch (thrown) {
      const { error, unmeasured } = failureText(thrown);
      return {
        ok: unmeasured ? null : false,
        error: withoutSecrets(error, secrets),
        detail: null,
        response_time_ms: null,
      };
    }
  }

  /** The deadline stands whether or not the kind heeds it. */
  private async withDeadline(kind: IntegrationKind, settings: Record<string, unknown>): Promise<string> {
    const abort = new AbortController();
    let stage = 'starting';
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new ProbeFailure(`Timed out after ${formatDuration(this.timeoutMs)} (${stage})`));
        abort.abort();
      }, this.timeoutMs);
    });
    const context = { resolver: this.resolver, signal: abort.signal, stage: (now: string) => (stage = now) };
    try {
      return await Promise.race([kind.probe(settings, context), late]);
    } finally {
      clearTimeout(timer);
      abort.abort();
    }
  }
}
