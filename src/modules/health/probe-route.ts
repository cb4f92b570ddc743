import { applyDecorators, Header } from '@nestjs/common';
import { Public } from '../../common/access.js';
import { Bare } from '../../common/http/envelope.interceptor.js';

/** A document about this very moment, for anybody: no key, no envelope, never cached. */
export const ProbeRoute = (): MethodDecorator =>
  applyDecorators(Public(), Bare(), Header('Cache-Control', 'no-store'));
