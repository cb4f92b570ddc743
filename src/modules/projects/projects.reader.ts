import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CodedException } from '../../common/coded-exception.js';
import { dsnOf } from '../../common/dsn.js';
import { pageInfo, type PagingQuery } from '../../common/http/paging.dto.js';
import { CONFIG, type Config, publicUrl } from '../../config/config.js';
import type { ProjectDto, ProjectListDto } from './dto/project.dto.js';

interface ProjectRow extends Omit<ProjectDto, 'dsn'> {
  public_key: string | null;
}

/** The key of a DSN is the oldest that may only report, and only for this project. */
const PROJECTS = `
  SELECT p.id, p.name, p.slug, p.platform, p.number, p.created_at, k.public_key
  FROM projects p
  LEFT JOIN LATERAL (
    SELECT public_key FROM api_keys
    WHERE sources = ARRAY[p.slug] AND permissions = '{ingest}' AND public_key IS NOT NULL
      AND (expires_at IS NULL OR expires_at > now())
    ORDER BY created_at, id LIMIT 1
  ) k ON true`;

/** Answers which programs report here. */
@Injectable()
export class ProjectsReader {
  private readonly publicUrl: string;

  constructor(
    private readonly dataSource: DataSource,
    @Inject(CONFIG) config: Pick<Config, 'PUBLIC_URL' | 'PORT'>,
  ) {
    this.publicUrl = publicUrl(config);
  }

  async list(query: PagingQuery): Promise<ProjectListDto> {
    const [rows, [counted]] = await Promise.all([
      this.dataSource.query<ProjectRow[]>(`${PROJECTS} ORDER BY p.name, p.number LIMIT $1 OFFSET $2`, [
        query.limit,
        query.offset,
      ]),
      this.dataSource.query<{ total: number }[]>('SELECT count(*)::int AS total FROM projects'),
    ]);
    return { projects: rows.map((row) => this.toDto(row)), ...pageInfo(counted!.total, query) };
  }

  /** @throws CodedException `PROJECT_NOT_FOUND` */
  async get(id: string): Promise<ProjectDto> {
    const [row] = await this.dataSource.query<ProjectRow[]>(`${PROJECTS} WHERE p.id = $1`, [id]);
    if (!row) throw projectNotFound();
    return this.toDto(row);
  }

  /** What the errors of the project with this number carry as their source. */
  async slugOf(number: number): Promise<string | undefined> {
    const [row] = await this.dataSource.query<{ slug: string }[]>(
      'SELECT slug FROM projects WHERE number = $1',
      [number],
    );
    return row?.slug;
  }

  /** The numbers of these projects, as far as there are such. */
  async numbersOf(slugs: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.dataSource.query<{ slug: string; number: number }[]>(
      'SELECT slug, number FROM projects WHERE slug = ANY($1::text[])',
      [[...new Set(slugs)]],
    );
    return new Map(rows.map(({ slug, number }) => [slug, number]));
  }

  private toDto({ public_key, ...project }: ProjectRow): ProjectDto {
    return { ...project, dsn: public_key && dsnOf(this.publicUrl, public_key, project.number) };
  }
}

export function projectNotFound(): CodedException {
  return new CodedException('PROJECT_NOT_FOUND', 'There is no project with this id.');
}
