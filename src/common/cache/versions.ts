import type { DataSource } from 'typeorm';

/** What answers depend on. Each has a sequence `version_…`, which triggers on its tables move. */
export type Topic = 'errors' | 'services' | 'metrics';

/** The first number of the locks that writers hold; the second is the sequence’s oid. As in the migration. */
const LOCK = 7_230_070;

/**
 * Versions of what answers depend on, the same in every process.
 *
 * A trigger moves a version within the writer’s transaction, having taken a shared lock that PostgreSQL releases once the
 * writes can be seen. So whoever reads a version and then finds no such lock sees every write that has moved it; and a
 * write that is acknowledged later has moved it on.
 */
export class Versions {
  private readonly questions = new Map<Topic, SharedLater<string>>();

  constructor(private readonly dataSource: DataSource) {}

  /** At least as new as this call: everything acknowledged before it is counted in. */
  current(topic: Topic): Promise<string> {
    let question = this.questions.get(topic);
    if (!question) this.questions.set(topic, (question = new SharedLater(() => this.read(topic))));
    return question.ask();
  }

  /** Whether all writes that have moved the version can be seen by now. To be asked after {@link current}. */
  async isSettled(topic: Topic): Promise<boolean> {
    const [row] = await this.dataSource.query<{ settled: boolean }[]>(
      `SELECT NOT EXISTS (
         SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND objid = $2::regclass
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS settled`,
      [LOCK, `version_${topic}`],
    );
    return row!.settled;
  }

  /** Moves a version for a write that no trigger tells. To be called after commit, before the write is acknowledged. */
  async move(topic: Topic): Promise<void> {
    await this.dataSource.query('SELECT nextval($1)', [`version_${topic}`]);
  }

  private async read(topic: Topic): Promise<string> {
    const [row] = await this.dataSource.query<{ version: string }[]>(
      `SELECT last_value AS version FROM version_${topic}`,
    );
    return row!.version;
  }
}

/** One question at a time. Who comes while it is under way shares the next: an answer never began before it was asked for. */
class SharedLater<Answer> {
  private running: Promise<unknown> | undefined;
  private next: Promise<Answer> | undefined;

  constructor(private readonly question: () => Promise<Answer>) {}

  ask(): Promise<Answer> {
    if (!this.running) return this.start();
    this.next ??= this.running.then(() => {
      this.next = undefined;
      return this.start();
    });
    return this.next;
  }

  private start(): Promise<Answer> {
    const answer = this.question();
    const running: Promise<unknown> = answer.then(
      () => this.end(running),
      () => this.end(running),
    );
    this.running = running;
    return answer;
  }

  private end(running: Promise<unknown>): void {
    if (this.running === running) this.running = undefined;
  }
}
