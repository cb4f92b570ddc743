import type { Principal } from '../../../common/access.js';
import { invalidField } from '../../../common/coded-exception.js';
import { parseDuration } from '../../../common/duration.js';
import { isUUID } from 'class-validator';
import type { BulkErrorAction } from './dto/bulk-errors.dto.js';
import type { AssignErrorDto, MuteErrorDto, ResolveErrorDto } from './dto/change-error.dto.js';
import type { ErrorAction, MuteLimits } from './error-action.js';

const MINUTE_MS = 60_000;

/** What each action takes, of all that a request about many may hold. */
const OPTIONS: Record<BulkErrorAction, readonly (keyof Options)[]> = {
  resolve: ['in'],
  unresolve: [],
  mute: ['until', 'for', 'count', 'rate'],
  unmute: [],
  assign: ['assignee'],
  delete: [],
};
const ALL_OPTIONS = Object.values(OPTIONS).flat();

type Options = ResolveErrorDto & MuteErrorDto & Partial<AssignErrorDto>;

/** @throws CodedException `VALIDATION_FAILED` for an option of another action, a time that is over, a user who cannot be */
export function actionOf(
  action: Exclude<BulkErrorAction, 'delete'>,
  options: Options,
  { by, now }: { by: Principal; now: Date },
): ErrorAction {
  refuseForeignOptions(action, options);
  switch (action) {
    case 'resolve':
      return { action, in: options.in ?? 'now' };
    case 'mute':
      return { action, limits: limitsOf(options, now) };
    case 'assign':
      return { action, assignee: assigneeOf(options.assignee, by) };
    default:
      return { action };
  }
}

export function refuseForeignOptions(action: BulkErrorAction, options: Options): void {
  const foreign = ALL_OPTIONS.find((name) => options[name] !== undefined && !OPTIONS[action].includes(name));
  if (foreign) throw invalidField(foreign, `is nothing that ${action} takes`);
}

function limitsOf({ until, for: length, count, rate }: MuteErrorDto, now: Date): MuteLimits {
  if (until && length !== undefined) throw invalidField('for', 'cannot be given together with until');
  if (until && until <= now) throw invalidField('until', 'must be a time to come');
  return {
    until: length === undefined ? until : new Date(now.getTime() + parseDuration(length)!),
    count,
    rate: rate && { count: rate.count, minutes: parseDuration(rate.per)! / MINUTE_MS },
  };
}

function assigneeOf(assignee: string | null | undefined, { kind, id }: Principal): string | null {
  if (assignee === undefined) throw invalidField('assignee', 'must be the id of a user, me, or null');
  if (assignee === null) return null;
  if (assignee === 'me') {
    if (kind === 'user') return id;
    throw invalidField('assignee', 'me is for signed-in users: a key is nobody');
  }
  if (isUUID(assignee)) return assignee;
  throw invalidField('assignee', 'must be the id of a user, me, or null');
}
