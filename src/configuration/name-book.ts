import { v7 } from 'uuid';
import { invalidField } from '../common/coded-exception.js';
import type { Names } from './resource.js';

/** Ids for a list of names that a file gives in `field`. @throws CodedException `VALIDATION_FAILED` */
export function idsOf(given: unknown, names: Names, field: string): string[] {
  if (!Array.isArray(given) || !given.every((name) => typeof name === 'string')) {
    throw invalidField(field, 'must be a list of names of endpoints');
  }
  return given.map((name: string) => names.idOf(name, field));
}

/** Names and ids of endpoints: those that exist, and those that a file is about to make. */
export class NameBook implements Names {
  private readonly ids = new Map<string, string>();
  private readonly names = new Map<string, string>();

  constructor(existing: Iterable<readonly [name: string, id: string]>, coming: Iterable<string> = []) {
    for (const [name, id] of existing) this.set(name, id);
    // An id that nothing has yet stands for it until it is made.
    for (const name of coming) if (!this.ids.has(name)) this.set(name, v7());
  }

  set(name: string, id: string): void {
    this.ids.set(name, id);
    this.names.set(id, name);
  }

  idOf(name: string, field: string): string {
    const id = this.ids.get(name);
    if (id === undefined) throw invalidField(field, `names ${JSON.stringify(name)}, which is no endpoint`);
    return id;
  }

  nameOf(id: string): string | undefined {
    return this.names.get(id);
  }
}
