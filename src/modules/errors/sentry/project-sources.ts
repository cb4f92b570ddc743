import { Injectable } from '@nestjs/common';
import { Clock } from '../../../common/clock.js';
import { CodedException } from '../../../common/coded-exception.js';
import { ProjectsReader } from '../../projects/projects.reader.js';

const MAX_REMEMBERED = 10_000;
const REMEMBERED_MS = 60_000;
const MAX_SLUG = 200;
/** NUL cannot be stored, and nobody means any of the others. */
const CONTROL = /\p{Cc}/u;

/** Which source a DSN means by the end of its address: the number of a project, or its slug. */
@Injectable()
export class ProjectSources {
  private readonly known = new Map<string, { source: string; until: number }>();

  constructor(
    private readonly projects: ProjectsReader,
    private readonly clock: Clock,
  ) {}

  /** @throws CodedException `FORBIDDEN` when there is no such project */
  async sourceOf(given: string): Promise<string> {
    const now = this.clock.now().getTime();
    const known = this.known.get(given);
    if (known && known.until > now) return known.source;
    const source = await this.lookUp(given);
    if (source === undefined) throw new CodedException('FORBIDDEN', 'There is no project with this number.');
    if (this.known.size >= MAX_REMEMBERED) this.known.clear();
    this.known.set(given, { source, until: now + REMEMBERED_MS });
    return source;
  }

  /** A slug needs no project: a source that first reports like this becomes one. */
  private async lookUp(given: string): Promise<string | undefined> {
    if (/^\d{1,9}$/.test(given)) return this.projects.slugOf(Number(given));
    const slug = decoded(given).trim();
    return slug === '' || slug.length > MAX_SLUG || CONTROL.test(slug) ? undefined : slug;
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
