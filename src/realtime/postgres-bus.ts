import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { CONNECTION_DEFAULTS } from '../database/data-source.js';
import { Bus, type BusHandler } from './bus.js';
import type { BusEvent, BusEvents } from './events.js';
import { MessageDispatcher } from './message-dispatcher.js';

const CHANNEL = 'watchkeep';
const RETRY_MS = 1_000;

/** The bus without Redis: LISTEN on a connection of its own, NOTIFY through the pool. */
export class PostgresBus extends Bus implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger('Bus');
  private readonly dispatcher = new MessageDispatcher();
  private client: pg.Client | undefined;
  private retry: NodeJS.Timeout | undefined;
  private stopped = false;
  connected = false;

  constructor(
    private readonly databaseUrl: string,
    private readonly dataSource: DataSource,
  ) {
    super();
  }

  async onModuleInit(): Promise<void> {
    await this.listen();
  }

  async publish<Event extends BusEvent>(event: Event, payload: BusEvents[Event]): Promise<void> {
    try {
      await this.dataSource.query('SELECT pg_notify($1, $2)', [
        CHANNEL,
        MessageDispatcher.encode(event, payload),
      ]);
    } catch (error) {
      this.logger.warn(`${event} could not be announced: ${(error as Error).message}`);
    }
  }

  on<Event extends BusEvent>(event: Event, handler: BusHandler<Event>): void {
    this.dispatcher.on(event, handler);
  }

  onReconnect(handler: () => void): void {
    this.dispatcher.onReconnect(handler);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.retry);
    await this.client?.end().catch(() => undefined);
  }

  private async listen(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.databaseUrl,
      ...CONNECTION_DEFAULTS,
      query_timeout: undefined,
      application_name: 'watchkeep bus',
    });
    this.client = client;
    client.on('error', () => undefined);
    client.on('notification', ({ payload }) => payload && this.dispatcher.receive(payload));
    client.once('end', () => this.lost());
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      this.connected = true;
    } catch {
      void client.end().catch(() => undefined);
      this.lost();
    }
  }

  private lost(): void {
    if (this.stopped || this.retry) return;
    if (this.connected) this.logger.warn('The connection for live events was lost; connecting again.');
    this.connected = false;
    this.retry = setTimeout(() => {
      this.retry = undefined;
      void this.listen().then(() => this.connected && this.dispatcher.reconnected());
    }, RETRY_MS);
  }
}
