import type { Principal } from '../../../common/access.js';
import type { ActorKind } from '../../../database/entities/error-activity.entity.js';

/** Who did something to an error. */
export interface Actor {
  kind: ActorKind;
  id: string | null;
  name: string | null;
}

/** What happens by itself. */
export const WATCHKEEP: Actor = { kind: 'watchkeep', id: null, name: null };

export function actorOf({ kind, id, name }: Principal): Actor {
  return { kind, id, name };
}
