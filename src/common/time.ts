import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsDate } from 'class-validator';

const ISO_8601 =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?)?$/;

/** The time that an ISO 8601 text names; without an offset it is UTC. Undefined when it is none, or before the year 1. */
export function parseTime(text: string): Date | undefined {
  const [, year, month, day, clock = '00:00', offset = 'Z'] = ISO_8601.exec(text) ?? [];
  if (year === undefined || year === '0000' || !isDay(Number(year), Number(month), Number(day)))
    return undefined;
  const time = new Date(`${year}-${month}-${day}T${clock}${offset}`);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** A field of a DTO that holds a time: ISO 8601 text becomes a Date. */
export function IsTime(): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' ? (parseTime(value) ?? value) : value,
    ),
    IsDate({ message: '$property must be a time in ISO 8601, such as 2026-01-31T09:30:00Z' }),
  );
}

function isDay(year: number, month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
