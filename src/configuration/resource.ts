import type { FieldProblem } from '../common/coded-exception.js';
import type { Declared, Existing } from './changes.js';
import type { Section } from './document-shape.js';

/** Names of everything that will be there, once a file is applied. */
export interface Names {
  /** @throws CodedException when nothing has the name, blaming `field` */
  idOf(name: string, field: string): string;
  nameOf(id: string): string | undefined;
}

/** A kind of thing that files declare. */
export interface Resource {
  section: Section;
  /** What one of them is called in messages. */
  noun: string;
  /** The field that tells them apart. */
  key: 'name' | 'title';
  /** The field in which they name endpoints. */
  refersBy: 'depends_on' | 'endpoints';
  /** What it has when nothing is said, by field; what always has to be said is not in it. */
  defaults(settings: Declared, names: Names): Promise<Declared>;
  /** Where secrets stand in one of them, as paths of fields. */
  secrets(settings: Declared): string[][];
  existing(names: Names): Promise<Map<string, Existing>>;
  /**
   * The same in full, with every default.
   * @throws CodedException `VALIDATION_FAILED` with the fields that are wrong
   */
  complete(declared: Record<string, unknown>, names: Names): Promise<Declared>;
  /** Why it could not be written, though its settings are right. */
  refusals(settings: Declared, existing: Existing | undefined): FieldProblem[];
  /** Answers the id. */
  create(settings: Declared, names: Names): Promise<string>;
  update(id: string, settings: Declared, names: Names): Promise<void>;
  delete(id: string): Promise<void>;
}

/** Names whoever made a thing as the configuration file did. */
export const MANAGED_BY = 'file';
