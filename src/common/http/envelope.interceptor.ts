import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { map, type Observable } from 'rxjs';

const BARE = 'watchkeep:bare';

/** Marks a controller or route whose answers are sent as they are: probes, documents, pages. */
export const Bare = (): MethodDecorator & ClassDecorator => SetMetadata(BARE, true);

/** Wraps what controllers return as `{status: "success", data}`. */
@Injectable()
export class EnvelopeInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (this.reflector.getAllAndOverride<boolean>(BARE, [context.getHandler(), context.getClass()]))
      return next.handle();
    return next
      .handle()
      .pipe(map((data: unknown) => (data === undefined ? undefined : { status: 'success', data })));
  }
}
