import type { EndpointKind } from '../../../database/entities/endpoint.entity.js';
import type { Checker } from './checker.js';
import { httpChecker } from './http.checker.js';

/** The kinds that are asked; `push` endpoints report by themselves. */
export type CheckedKind = Exclude<EndpointKind, 'push'>;

/** The checker of each kind. */
export const CHECKERS = {
  http: httpChecker,
} as unknown as Record<CheckedKind, Checker>;
