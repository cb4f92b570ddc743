/** When a resolved error counts as back: at once, or only in a release that was not known when it was resolved. */
export const RESOLUTIONS = ['now', 'next_release'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** So many occurrences within so many minutes. */
export interface Rate {
  count: number;
  minutes: number;
}

/** What ends a mute, whichever comes first. Nothing: it is for good. */
export interface MuteLimits {
  until?: Date | undefined;
  /** Occurrences from now on. */
  count?: number | undefined;
  rate?: Rate | undefined;
}

/** What people do to errors, beside merging and deleting. */
export type ErrorAction =
  | { action: 'resolve'; in: Resolution }
  | { action: 'unresolve' }
  | { action: 'mute'; limits: MuteLimits }
  | { action: 'unmute' }
  | { action: 'assign'; assignee: string | null };
