import { ParseUUIDPipe, ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { CodedException, type FieldProblem, invalidField } from '../coded-exception.js';

/** Checks every body and query against its DTO; unknown fields are refused. */
export const VALIDATION_PIPE = new ValidationPipe({
  whitelist: true,
  forbidNonWhitelisted: true,
  transform: true,
  stopAtFirstError: false,
  exceptionFactory: (errors) => validationFailed(problemsOf(errors)),
});

/** For `@Param('id', UUID)`. */
export const UUID = new ParseUUIDPipe({ exceptionFactory: () => invalidField('id', 'must be a UUID') });

export function validationFailed(details: FieldProblem[]): CodedException {
  const summary = details.map((problem) => `${problem.field} ${problem.message}`).join('; ');
  return new CodedException('VALIDATION_FAILED', `The request is not valid: ${summary}.`, details);
}

function problemsOf(errors: readonly ValidationError[], parent = ''): FieldProblem[] {
  return errors.flatMap((error) => {
    const field = parent ? `${parent}.${error.property}` : error.property;
    const own = Object.values(error.constraints ?? {}).map((message) => ({
      field,
      message: message.startsWith(`${error.property} `) ? message.slice(error.property.length + 1) : message,
    }));
    return [...own, ...problemsOf(error.children ?? [], field)];
  });
}
