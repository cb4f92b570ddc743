import type { EndpointKind } from '../../../database/entities/endpoint.entity.js';
import type { Checker } from './checker.js';
import { dnsChecker } from './dns.checker.js';
import { grpcChecker } from './grpc.checker.js';
import { httpChecker } from './http.checker.js';
import { pingChecker } from './ping.checker.js';
import { postgresChecker } from './postgres.checker.js';
import { redisChecker } from './redis.checker.js';
import { smtpChecker } from './smtp.checker.js';
import { tcpChecker } from './tcp.checker.js';
import { tlsChecker } from './tls.checker.js';
import { websocketChecker } from './websocket.checker.js';

/** The kinds that are asked; `push` endpoints report by themselves. */
export type CheckedKind = Exclude<EndpointKind, 'push'>;

/** The checker of each kind. */
export const CHECKERS: Readonly<Record<CheckedKind, Checker>> = {
  dns: dnsChecker,
  grpc: grpcChecker,
  http: httpChecker,
  ping: pingChecker,
  postgres: postgresChecker,
  redis: redisChecker,
  smtp: smtpChecker,
  tcp: tcpChecker,
  tls: tlsChecker,
  websocket: websocketChecker,
};

const DEFAULT_OPTIONS = Object.fromEntries(
  Object.entries(CHECKERS).map(([kind, { options }]) => [kind, options.parse({})]),
) as Record<CheckedKind, object>;

/** What the options of a kind are when nothing is said. */
export function defaultOptions(kind: CheckedKind): object {
  return DEFAULT_OPTIONS[kind];
}
