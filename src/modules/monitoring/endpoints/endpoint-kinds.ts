import { ENDPOINT_KINDS, type EndpointKind } from '../../../database/entities/endpoint.entity.js';
import { type CheckedKind, CHECKERS } from '../checkers/checker-registry.js';
import type { Checker } from '../checkers/checker.js';
import { pushOptions } from '../heartbeats/push-options.js';

/** Settings of a request that only some kinds make use of. */
export const REQUEST_FIELDS = [
  'method',
  'headers',
  'body',
  'expected_status_codes',
  'follow_redirects',
] as const;
export type RequestField = (typeof REQUEST_FIELDS)[number];

/** What the settings of an endpoint of one kind may be. */
export interface KindRules extends Pick<Checker, 'schemes' | 'options' | 'auth' | 'asserts'> {
  /** Options that are stored encrypted and never shown. */
  secret_options: readonly string[];
  /** Settings of a request that it makes use of. */
  fields: readonly RequestField[];
}

/** Kinds that an endpoint may be of here. */
export const KNOWN_KINDS: readonly EndpointKind[] = ENDPOINT_KINDS.filter(
  (kind) => kind === 'push' || kind in CHECKERS,
);

const FIELDS: Partial<Record<EndpointKind, readonly RequestField[]>> = {
  http: REQUEST_FIELDS,
  grpc: ['headers'],
  websocket: ['headers'],
};

const PUSH: KindRules = {
  schemes: {},
  options: pushOptions,
  secret_options: [],
  auth: [],
  asserts: [],
  fields: [],
};

export function rulesOf(kind: EndpointKind): KindRules {
  if (kind === 'push') return PUSH;
  return { ...CHECKERS[kind satisfies CheckedKind], fields: FIELDS[kind] ?? [] };
}
