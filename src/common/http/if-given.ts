import { ValidateIf } from 'class-validator';

/** A field that may be left out, but not null. */
export function IfGiven(): PropertyDecorator {
  return ValidateIf((_, value: unknown) => value !== undefined);
}
