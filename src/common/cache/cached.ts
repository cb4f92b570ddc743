import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
} from '@nestjs/common';
import { createHash } from 'node:crypto';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { firstValueFrom, from, type Observable } from 'rxjs';
import type { AuthorisedRequest } from '../http/current-principal.js';
import { AnswerCache, type CacheRule } from './answer-cache.js';

const CACHED = 'watchkeep:cached';
const SECOND_MS = 1_000;

/** How long what may be kept, as the reference asks. */
export const KEEP = {
  errorLists: 120 * SECOND_MS,
  statistics: 60 * SECOND_MS,
  serviceHealth: 30 * SECOND_MS,
  configuration: 600 * SECOND_MS,
} as const;

interface RouteRule extends CacheRule {
  /** Whether the answer to such a question depends on who asks. */
  isPersonal?: (query: Request['query']) => boolean;
}

/** Longer questions are kept under their hash. */
const MAX_KEY = 200;

/** Marks a route whose answer depends only on its address and on the topic: it is kept until either changes, or time is up. */
export function Cached(rule: RouteRule): MethodDecorator {
  return SetMetadata(CACHED, rule);
}

/** Answers marked routes from the cache. Guards have let the caller in by then. */
@Injectable()
export class CacheInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly cache: AnswerCache,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const rule = this.reflector.get<RouteRule | undefined>(CACHED, context.getHandler());
    if (!rule) return next.handle();
    const request = context.switchToHttp().getRequest<AuthorisedRequest>();
    const asker = rule.isPersonal?.(request.query) ? `${request.principal?.id} ` : '';
    const question = asker + questionOf(request);
    return from(this.cache.answer(question, rule, () => firstValueFrom(next.handle())));
  }
}

/** The order of parameters does not matter; that of repeated ones does. */
function questionOf({ path, query }: Request): string {
  const parameters = Object.entries(query).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const question = path + JSON.stringify(parameters);
  return question.length <= MAX_KEY ? question : createHash('sha256').update(question).digest('base64');
}
