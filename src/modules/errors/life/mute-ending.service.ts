import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { chunks } from '../../../common/chunks.js';
import { Clock } from '../../../common/clock.js';
import { Bus } from '../../../realtime/bus.js';
import { MAX_IDS } from '../../../realtime/events.js';
import { END_BY_RATE, END_BY_TIME, FORGET, SAMPLE } from './mute-ending.sql.js';

/** Ends mutes by themselves, every ten seconds, in a worker. By count they end with the report that reaches it. */
@Injectable()
export class MuteEnding {
  constructor(
    private readonly dataSource: DataSource,
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  /** Answers the ids of the errors that are muted no more. */
  async endDue(): Promise<string[]> {
    const now = this.clock.now();
    const ended: string[] = [];
    for (const statement of [END_BY_TIME, END_BY_RATE]) {
      const rows = await this.dataSource.query<{ id: string }[]>(statement, [now]);
      ended.push(...rows.map(({ id }) => id));
    }
    await this.dataSource.query(SAMPLE, [now]);
    await this.dataSource.query(FORGET, [now]);
    for (const ids of chunks(ended, MAX_IDS)) await this.bus.publish('errors.updated', { ids });
    return ended;
  }
}
