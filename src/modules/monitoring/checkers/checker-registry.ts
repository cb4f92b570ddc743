import { Injectable } from '@nestjs/common';
import type { EndpointKind } from '../../../database/entities/endpoint.entity.js';
import type { Checker } from './checker.js';
import { HttpChecker } from './http.checker.js';

/** The checker of each kind of endpoint. */
@Injectable()
export class CheckerRegistry {
  private readonly checkers: Record<EndpointKind, Checker>;

  constructor(http: HttpChecker) {
    this.checkers = { http };
  }

  of(kind: EndpointKind): Checker {
    return this.checkers[kind];
  }
}
