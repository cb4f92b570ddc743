/** A call in a bundle. */
export interface Call {
  /** Null when it has no name. */
  name: string | null;
  file: string;
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
}

/** The same call in the source. */
export interface MappedCall extends Call {
  /** Whether it is the user’s own code, not a package or the bundler’s. */
  inApp: boolean;
  contextLine?: string;
  preContext?: string[];
  postContext?: string[];
}
