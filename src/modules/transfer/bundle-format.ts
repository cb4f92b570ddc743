/** The version of the format. It changes when an older release could misread a file. */
export const FORMAT_VERSION = 1;

export const HEADER_TYPE = 'watchkeep-export';
export const TRAILER_TYPE = 'end';

/** The first line of a bundle. */
export interface BundleHeader {
  type: typeof HEADER_TYPE;
  version: number;
  /** Release that wrote it. */
  product: string;
  exported_at: string;
  /** Sealed with the exporter’s SECRET_KEY, so that the importer can tell whether it could open the secrets; null without them. */
  secrets: string | null;
  /** Days (UTC) for which partitions are needed, by table. */
  days: Record<string, string[]>;
}

/** What {@link BundleHeader.secrets} opens to. */
export const SECRETS_PROBE = 'watchkeep';

/** The last line: whoever reads it has the whole file. */
export interface BundleTrailer {
  type: typeof TRAILER_TYPE;
  /** Lines of each type. */
  counts: Record<string, number>;
}

export type Line = { type: string; data?: Record<string, unknown> } & Record<string, unknown>;
