import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { v7 } from 'uuid';
import { ProjectRegistry } from '../../common/project-registry.js';
import { insertProjects } from './project-rows.js';

const MAX_UNASKED = 1_000;

/** Makes projects of sources, without keys: whoever wants a DSN makes one. */
@Injectable()
export class StoredProjects extends ProjectRegistry {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  async register(slugs: readonly string[]): Promise<void> {
    const unknown = await this.unknownOf(slugs);
    if (unknown.length === 0) return;
    const projects = unknown.map((slug) => ({ id: v7(), slug, name: slug, platform: null }));
    await this.dataSource.transaction((manager) => insertProjects(manager, projects, MAX_UNASKED));
  }

  /** Without a lock: mostly there is nothing to do. */
  private async unknownOf(slugs: readonly string[]): Promise<string[]> {
    if (slugs.length === 0) return [];
    const rows = await this.dataSource.query<{ slug: string }[]>(
      `SELECT DISTINCT slug FROM unnest($1::text[]) AS g (slug)
       WHERE NOT EXISTS (SELECT FROM projects p WHERE p.slug = g.slug)`,
      [slugs],
    );
    return rows.map(({ slug }) => slug);
  }
}
