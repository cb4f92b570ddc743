import { Logger } from '@nestjs/common';
import type { BusEvent, BusEvents } from './events.js';

export type BusHandler<Event extends BusEvent> = (payload: BusEvents[Event]) => void | Promise<void>;

/**
 * Messages between all processes, the sender included. At most once: a message sent while a process is
 * cut off does not reach it, so nothing that must not be lost travels only here.
 */
export abstract class Bus {
  protected readonly logger = new Logger('Bus');
  private readonly handlers = new Map<BusEvent, BusHandler<BusEvent>[]>();
  private readonly reconnectHandlers: (() => void | Promise<void>)[] = [];
  private isConnected = false;

  /** False while messages of other processes may be missed. */
  get connected(): boolean {
    return this.isConnected;
  }

  /** Resolves when the message has been handed over; never rejects: a lost announcement must not fail the work it announces. */
  async publish<Event extends BusEvent>(event: Event, payload: BusEvents[Event]): Promise<void> {
    try {
      await this.send(JSON.stringify([event, payload]));
    } catch (error) {
      this.logger.warn(`${event} could not be announced: ${(error as Error).message}`);
    }
  }

  /** Like {@link publish}, for many at once: they are handed over together, in order. */
  async publishAll<Event extends BusEvent>(
    event: Event,
    payloads: readonly BusEvents[Event][],
  ): Promise<void> {
    if (payloads.length === 0) return;
    try {
      await this.sendAll(payloads.map((payload) => JSON.stringify([event, payload])));
    } catch (error) {
      this.logger.warn(`${payloads.length} × ${event} could not be announced: ${(error as Error).message}`);
    }
  }

  on<Event extends BusEvent>(event: Event, handler: BusHandler<Event>): void {
    const known = this.handlers.get(event) ?? [];
    this.handlers.set(event, [...known, handler as BusHandler<BusEvent>]);
  }

  /** Called after a connection was lost and made again: messages may have been missed. */
  onReconnect(handler: () => void | Promise<void>): void {
    this.reconnectHandlers.push(handler);
  }

  protected abstract send(text: string): Promise<unknown>;

  /** In one round trip where that is possible. */
  protected async sendAll(texts: readonly string[]): Promise<void> {
    for (const text of texts) await this.send(text);
  }

  /** Hands a message to those who wait for it. Whatever it holds, and whatever they do, nobody else is harmed. */
  protected receive(text: string): void {
    try {
      const [event, payload] = JSON.parse(text) as [BusEvent, BusEvents[BusEvent]];
      for (const handler of this.handlers.get(event) ?? []) void this.call(event, handler, payload);
    } catch {
      this.logger.warn('A message that is none of ours came over the bus');
    }
  }

  protected connectionMade(isFirst: boolean): void {
    this.isConnected = true;
    if (!isFirst) for (const handler of this.reconnectHandlers) void this.catchUp(handler);
  }

  protected connectionLost(): void {
    if (this.isConnected) this.logger.warn('The connection for live events was lost; connecting again.');
    this.isConnected = false;
  }

  /** The database may be gone again by then: no process may end for that. */
  private async catchUp(handler: () => void | Promise<void>): Promise<void> {
    try {
      await handler();
    } catch (error) {
      this.logger.warn(`What was missed could not be looked up: ${(error as Error).message}`);
    }
  }

  private async call(
    event: BusEvent,
    handler: BusHandler<BusEvent>,
    payload: BusEvents[BusEvent],
  ): Promise<void> {
    try {
      await handler(payload);
    } catch (error) {
      this.logger.warn(
        `A listener for ${event} failed: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
}
