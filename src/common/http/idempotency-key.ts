import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { Request } from 'express';
import { invalidField } from '../coded-exception.js';

const HEADER = 'Idempotency-Key';
const PRINTABLE = /^[\x20-\x7e]{1,255}$/;

/** The `Idempotency-Key` of a request, if it has one. @throws CodedException `VALIDATION_FAILED` */
export const IdempotencyKey = createParamDecorator((_: unknown, context: ExecutionContext) => {
  return checkedIdempotencyKey(context.switchToHttp().getRequest<Request>().get(HEADER));
});

/** The value of the header, if there is one. @throws CodedException `VALIDATION_FAILED` */
export function checkedIdempotencyKey(key: string | string[] | undefined): string | undefined {
  if (key === undefined) return undefined;
  if (typeof key === 'string' && PRINTABLE.test(key)) return key;
  throw invalidField(HEADER, 'must be 1 to 255 printable ASCII characters');
}

/** Documents the header on a route. */
export function ApiIdempotencyKey(): MethodDecorator & ClassDecorator {
  return applyDecorators(
    ApiHeader({
      name: HEADER,
      required: false,
      description:
        'A request repeated with the same key, of up to 255 characters, within a day, has one effect.',
    }),
  );
}
