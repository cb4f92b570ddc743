import { MAX_LENGTHS } from '../error-report.js';
import type { Attributes } from './log-records.js';

/** What the resource of log records says about the program that wrote them: the same for all of them, so read once. */
export interface Program {
  /** Null when the program has no name of its own. */
  source: string | null;
  environment: string | null;
  release: string | null;
  platform: string | null;
  tags: Record<string, string>;
  sdk: { name: string; version: string | null } | null;
  /** Everything that was said, for people. */
  resource: Attributes;
}

/** What SDKs say when nobody has named the service: `unknown_service:node`. */
const UNNAMED = /^unknown_service(?::|$)/;

/** As other protocols call them; the others are called the same. */
const PLATFORMS: Readonly<Record<string, string>> = {
  nodejs: 'node',
  webjs: 'javascript',
  dotnet: 'csharp',
  cpp: 'native',
};

/** Few enough values to search by. */
const TAGS = [
  'service.namespace',
  'service.instance.id',
  'host.name',
  'os.type',
  'process.runtime.name',
  'process.runtime.version',
  'cloud.region',
  'k8s.cluster.name',
  'k8s.namespace.name',
  'k8s.pod.name',
] as const;
const MAX_TAG = 200;
const CONTROL = /\p{Cc}+/gu;

/** Names are those of OpenTelemetry’s semantic conventions for resources, 1.27 and before. */
export function programOf(resource: Attributes): Program {
  const name = oneLine(resource['service.name'], MAX_LENGTHS.source);
  const language = oneLine(resource['telemetry.sdk.language'], MAX_LENGTHS.platform);
  const sdk = oneLine(resource['telemetry.sdk.name'], MAX_TAG);
  return {
    source: name === null || UNNAMED.test(name) ? null : name,
    environment:
      oneLine(resource['deployment.environment.name'], MAX_LENGTHS.environment) ??
      oneLine(resource['deployment.environment'], MAX_LENGTHS.environment),
    release: oneLine(resource['service.version'], MAX_LENGTHS.release),
    platform: language === null ? null : (PLATFORMS[language] ?? language),
    tags: tagsOf(resource),
    sdk: sdk === null ? null : { name: sdk, version: oneLine(resource['telemetry.sdk.version'], MAX_TAG) },
    resource,
  };
}

function tagsOf(resource: Attributes): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const name of TAGS) {
    const value = oneLine(resource[name], MAX_TAG);
    if (value !== null) tags[name] = value;
  }
  return tags;
}

/** A name or address: of one line, and not longer than that. Null when there is none. */
export function oneLine(value: unknown, maxLength: number): string | null {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return null;
  const text = String(value).replace(CONTROL, ' ').trim();
  return text === '' ? null : text.slice(0, maxLength);
}
