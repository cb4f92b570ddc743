import { CodedException } from '../common/coded-exception.js';
import type { Change } from './changes.js';
import { describeChanges } from './describe-changes.js';
import type { Resource } from './resource.js';

export interface PlannedChanges {
  resource: Resource;
  changes: Change[];
}

const VERBS = { create: 'made', update: 'changed', delete: 'removed' } as const;

/** Carrying out a plan has ended at one thing. What was made before stays. */
export class InterruptedError extends Error {
  constructor(
    readonly made: readonly PlannedChanges[],
    readonly failed: { resource: Resource; change: Change },
    cause: unknown,
    file = 'The configuration',
  ) {
    const { resource, change } = failed;
    super(
      [
        ...made.flatMap((each) => describeChanges(each.resource.noun, each.changes)),
        `${file} is applied up to here. The ${resource.noun} ${change.name} could not be ${VERBS[change.action]}:`,
        ...reasonsOf(cause).map((reason) => `  ${reason}`),
        'What comes after it was not touched; applied again, it goes on here.',
      ].join('\n'),
      { cause },
    );
  }
}

function reasonsOf(error: unknown): string[] {
  if (error instanceof CodedException && error.details) {
    return error.details.map(({ field, message }) => `${field} ${message}`);
  }
  return [error instanceof Error ? error.message : String(error)];
}
