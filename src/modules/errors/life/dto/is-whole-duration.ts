import { ValidateBy } from 'class-validator';
import { formatDuration, parseDuration } from '../../../../common/duration.js';

/** A duration such as `30s`, within limits and in whole steps, all in milliseconds. */
export function IsWholeDuration(min: number, max: number, step: number): PropertyDecorator {
  return ValidateBy({
    name: 'isWholeDuration',
    validator: {
      validate: (value) => {
        const milliseconds = typeof value === 'string' ? parseDuration(value) : undefined;
        return (
          milliseconds !== undefined &&
          min <= milliseconds &&
          milliseconds <= max &&
          milliseconds % step === 0
        );
      },
      defaultMessage: () =>
        `$property must be a duration from ${formatDuration(min)} to ${formatDuration(max)} in steps of ${formatDuration(step)}`,
    },
  });
}
