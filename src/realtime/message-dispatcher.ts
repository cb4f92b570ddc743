import { Logger } from '@nestjs/common';
import type { BusHandler } from './bus.js';
import type { BusEvent, BusEvents } from './events.js';

/** What both buses share: handlers by event, and a failing handler that harms nobody else. */
export class MessageDispatcher {
  private readonly logger = new Logger('Bus');
  private readonly handlers = new Map<BusEvent, BusHandler<BusEvent>[]>();
  private readonly reconnectHandlers: (() => void)[] = [];

  on<Event extends BusEvent>(event: Event, handler: BusHandler<Event>): void {
    const known = this.handlers.get(event) ?? [];
    this.handlers.set(event, [...known, handler as BusHandler<BusEvent>]);
  }

  onReconnect(handler: () => void): void {
    this.reconnectHandlers.push(handler);
  }

  reconnected(): void {
    for (const handler of this.reconnectHandlers) handler();
  }

  static encode<Event extends BusEvent>(event: Event, payload: BusEvents[Event]): string {
    return JSON.stringify([event, payload]);
  }

  receive(text: string): void {
    const [event, payload] = JSON.parse(text) as [BusEvent, BusEvents[BusEvent]];
    for (const handler of this.handlers.get(event) ?? []) void this.call(event, handler, payload);
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
