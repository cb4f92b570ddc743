/** Keys that stand in DSNs. Authentication makes them; the module of projects asks for them. */
export abstract class IngestKeys {
  /** Makes a key that may only report for this source, and answers its public half. */
  abstract makeFor(source: string): Promise<string>;

  /** Revokes the keys that may do nothing but report for this source. */
  abstract revokeFor(source: string): Promise<void>;
}
