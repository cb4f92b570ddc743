import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { CONNECTION_DEFAULTS } from '../database/data-source.js';
import { Bus } from './bus.js';

const CHANNEL = 'watchkeep';
const RETRY_MS = 1_000;

/** The bus without Redis: LISTEN on a connection of its own, NOTIFY through the pool. */
export class PostgresBus extends Bus implements OnModuleInit, OnApplicationShutdown {
  private client: pg.Client | undefined;
  private retry: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly databaseUrl: string,
    private readonly dataSource: DataSource,
  ) {
    super();
  }

  async onModuleInit(): Promise<void> {
    await this.listen(true);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.retry);
    await this.client?.end().catch(() => undefined);
  }

  protected send(text: string): Promise<unknown> {
    return this.dataSource.query('SELECT pg_notify($1, $2)', [CHANNEL, text]);
  }

  /** PostgreSQL hands on the notifications of one statement in the order in which they were made. */
  protected override async sendAll(texts: readonly string[]): Promise<void> {
    await this.dataSource.query(
      'SELECT count(pg_notify($1, text)) FROM unnest($2::text[]) WITH ORDINALITY AS t(text, place)',
      [CHANNEL, texts],
    );
  }

  private async listen(isFirst: boolean): Promise<void> {
    const client = new pg.Client({
      connectionString: this.databaseUrl,
      ...CONNECTION_DEFAULTS,
      query_timeout: undefined,
      application_name: 'watchkeep bus',
    });
    this.client = client;
    client.on('error', () => undefined);
    client.on('notification', ({ payload }) => payload && this.receive(payload));
    client.once('end', () => this.lost(client));
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      this.connectionMade(isFirst);
    } catch {
      void client.end().catch(() => undefined);
      this.lost(client);
    }
  }

  private lost(client: pg.Client): void {
    if (this.stopped || client !== this.client) return;
    this.client = undefined;
    this.connectionLost();
    this.retry = setTimeout(() => void this.listen(false), RETRY_MS);
  }
}
