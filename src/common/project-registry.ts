/** The source of reports that do not name one, and so the slug of its project. */
export const DEFAULT_PROJECT = 'default';

/** Knows which sources are projects. The module of projects does it; others may have some made. */
export abstract class ProjectRegistry {
  /**
   * Makes projects of the sources that are none yet. There are at most 1,000 that nobody asked for, so that whoever may
   * report cannot fill the list.
   */
  abstract register(slugs: readonly string[]): Promise<void>;
}
