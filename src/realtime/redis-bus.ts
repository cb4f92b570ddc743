import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { Redis } from 'ioredis';
import { Bus } from './bus.js';

const CHANNEL = 'watchkeep:bus';

/** The bus on Redis pub/sub. ioredis connects and subscribes again by itself. */
export class RedisBus extends Bus implements OnModuleInit, OnApplicationShutdown {
  private readonly publisher: Redis;
  private readonly subscriber: Redis;

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
    this.subscriber.on('message', (_channel, text) => this.receive(text));
    this.subscriber.on('close', () => this.connectionLost());
    await Promise.all([this.publisher.connect(), this.subscriber.connect()]);
    await this.subscriber.subscribe(CHANNEL);
    this.connectionMade(true);
    this.subscriber.on('ready', () => this.connectionMade(false));
  }

  onApplicationShutdown(): void {
    this.subscriber.removeAllListeners('close');
    this.publisher.disconnect();
    this.subscriber.disconnect();
  }

  protected send(text: string): Promise<unknown> {
    return this.publisher.publish(CHANNEL, text);
  }

  protected override async sendAll(texts: readonly string[]): Promise<void> {
    const pipeline = this.publisher.pipeline();
    for (const text of texts) pipeline.publish(CHANNEL, text);
    const failed = (await pipeline.exec())?.find(([error]) => error !== null);
    if (failed) throw failed[0]!;
  }
}
