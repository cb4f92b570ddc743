import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ProjectRegistry } from '../../common/project-registry.js';
import { Bus } from '../../realtime/bus.js';

const GATHER_MS = 1_000;
/** In a flood of new errors some are enough: their sources report again. */
const MAX_GATHERED = 1_000;

/** Makes projects of sources that report for the first time: each of them begins with a new error. */
@Injectable()
export class ProjectsListener implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(ProjectsListener.name);
  private gathered: string[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly projects: ProjectRegistry,
    private readonly bus: Bus,
  ) {}

  onModuleInit(): void {
    this.bus.on('errors.created', ({ ids }) => this.gather(ids));
  }

  onModuleDestroy(): void {
    clearTimeout(this.timer);
  }

  private gather(ids: readonly string[]): void {
    if (this.gathered.length < MAX_GATHERED) this.gathered.push(...ids);
    this.timer ??= setTimeout(() => void this.register(), GATHER_MS).unref();
  }

  private async register(): Promise<void> {
    const ids = this.gathered;
    this.gathered = [];
    this.timer = undefined;
    try {
      const rows = await this.dataSource.query<{ source: string }[]>(
        `SELECT DISTINCT source FROM errors e WHERE id = ANY($1::uuid[])
           AND NOT EXISTS (SELECT FROM projects p WHERE p.slug = e.source)`,
        [ids],
      );
      await this.projects.register(rows.map(({ source }) => source));
    } catch (error) {
      this.logger.warn(`New sources could not be made projects: ${(error as Error).message}`);
    }
  }
}
