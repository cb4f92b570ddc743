import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { v7 } from 'uuid';
import { Clock } from '../../common/clock.js';
import { CodedException, invalidField } from '../../common/coded-exception.js';
import { IngestKeys } from '../../common/ingest-keys.js';
import type { CreateProjectDto, ProjectChangesDto } from './dto/project.dto.js';
import { insertProjects } from './project-rows.js';
import { projectNotFound } from './projects.reader.js';
import { slugOf } from './slug-of.js';

/** Makes, changes and removes projects. */
@Injectable()
export class ProjectsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly keys: IngestKeys,
    private readonly clock: Clock,
  ) {}

  /**
   * Answers the id of the new project, which has a key of its own: its DSN can be read.
   * @throws CodedException `CONFLICT` when a project has the slug, `VALIDATION_FAILED` when the name makes none
   */
  async create(given: CreateProjectDto): Promise<string> {
    const slug = given.slug ?? slugOf(given.name);
    if (slug === '') throw invalidField('slug', 'is required: the name makes none');
    const project = { id: v7(), slug, name: given.name.trim(), platform: given.platform ?? null };
    const made = await this.dataSource.transaction((manager) =>
      insertProjects(manager, [project], Number.MAX_SAFE_INTEGER),
    );
    if (made.length === 0) {
      throw new CodedException('CONFLICT', `There is a project with the slug "${slug}" already.`);
    }
    await this.keys.makeFor(slug);
    return project.id;
  }

  /** @throws CodedException `PROJECT_NOT_FOUND` */
  async change(id: string, { name, platform }: ProjectChangesDto): Promise<void> {
    const [, count] = await this.dataSource.query<[unknown, number]>(
      `UPDATE projects SET name = coalesce($2, name), platform = CASE WHEN $3 THEN $4 ELSE platform END, updated_at = $5
       WHERE id = $1`,
      [id, name?.trim() ?? null, platform !== undefined, platform ?? null, this.clock.now()],
    );
    if (count === 0) throw projectNotFound();
  }

  /**
   * Removes a project and revokes the keys that only report for it. Its errors stay; a new one of its source makes a
   * project of it again, with another number.
   * @throws CodedException `PROJECT_NOT_FOUND`
   */
  async delete(id: string): Promise<void> {
    const [rows] = await this.dataSource.query<[{ slug: string }[], number]>(
      'DELETE FROM projects WHERE id = $1 RETURNING slug',
      [id],
    );
    if (!rows[0]) throw projectNotFound();
    await this.keys.revokeFor(rows[0].slug);
  }
}
