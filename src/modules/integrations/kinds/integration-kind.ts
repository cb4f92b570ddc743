import type { z } from 'zod';
import type { ProbeContext } from '../probing/probe-context.js';

/** What a file in this folder says of one kind of integration. */
interface KindSpec<Schema extends z.ZodObject> {
  /** How the API calls it: `email`, `twilio`. */
  name: string;
  /** How people call it. */
  title: string;
  /** What a good probe proves, and what it does not, in a sentence for a person. */
  proves: string;
  /** Everything that can be configured; unknown fields are refused. */
  settings: Schema;
  /** Fields that are sealed when stored and never returned. */
  secrets: readonly (keyof z.output<Schema> & string)[];
  /** Fields that say where the secrets are sent: changing one calls for the secrets again. */
  destination: readonly (keyof z.output<Schema> & string)[];
  /**
   * Looks at the service without sending anything to a person, and answers what it found.
   * @throws ProbeFailure, or whatever a connection throws
   */
  probe: (settings: z.output<Schema>, context: ProbeContext) => Promise<string>;
}

/** A kind of integration, whatever its settings. */
export interface IntegrationKind extends Omit<KindSpec<z.ZodObject>, 'secrets' | 'destination' | 'probe'> {
  secrets: readonly string[];
  destination: readonly string[];
  probe: (settings: Record<string, unknown>, context: ProbeContext) => Promise<string>;
}

/** Stored settings pass the schema again: an older version of Watchkeep may have written them. */
export function defineKind<Schema extends z.ZodObject>(spec: KindSpec<Schema>): IntegrationKind {
  return { ...spec, probe: (settings, context) => spec.probe(spec.settings.parse(settings), context) };
}
