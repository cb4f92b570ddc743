import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Bus, type BusHandler } from './bus.js';
import type { BusEvent, BusEvents } from './events.js';
import { MessageDispatcher } from './message-dispatcher.js';

const CHANNEL = 'watchkeep:bus';

/** The bus on Redis pub/sub. */
export class RedisBus extends Bus implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger('Bus');
  private readonly dispatcher = new MessageDispatcher();
  private readonly publisher: Redis;
  private readonly subscriber: Redis;
  connected = false;

  constructor(redisUrl: string) {
    super();
    this.publisher = new Redis(redisUrl, {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
    });
    this.subscriber = new Redis(redisUrl, { lazyConnect: true, maxRetriesPerRequest: null });
    for (const client of [this.publisher, this.subscriber]) client.on('error', () => undefined);
  }

  async onModuleInit(): Promise<void> {
    this.subscriber.on('message', (_channel, text) => this.dispatcher.receive(text));
    this.subscriber.on('close', () => this.lost());
    await Promise.all([this.publisher.connect(), this.subscriber.connect()]);
    await this.subscriber.subscribe(CHANNEL);
    this.connected = true;
    this.subscriber.on('ready', () => this.restored());
  }

  async publish<Event extends BusEvent>(event: Event, payload: BusEvents[Event]): Promise<void> {
    try {
      await this.publisher.publish(CHANNEL, MessageDispatcher.encode(event, payload));
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

  onApplicationShutdown(): void {
    this.subscriber.removeAllListeners('close');
    this.publisher.disconnect();
    this.subscriber.disconnect();
  }

  private lost(): void {
    if (this.connected) this.logger.warn('The connection for live events was lost; connecting again.');
    this.connected = false;
  }

  /** ioredis subscribes again by itself. */
  private restored(): void {
    this.connected = true;
    this.dispatcher.reconnected();
  }
}
