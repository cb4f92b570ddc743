import type { BusEvent, BusEvents } from './events.js';

export type BusHandler<Event extends BusEvent> = (payload: BusEvents[Event]) => void | Promise<void>;

/**
 * Messages between all processes, the sender included. At most once: a message sent while a process is
 * cut off does not reach it, so nothing that must not be lost travels only here.
 */
export abstract class Bus {
  /** False while messages of other processes may be missed. */
  abstract get connected(): boolean;

  /** Resolves when the message has been handed over; never rejects: a lost announcement must not fail the work it announces. */
  abstract publish<Event extends BusEvent>(event: Event, payload: BusEvents[Event]): Promise<void>;

  abstract on<Event extends BusEvent>(event: Event, handler: BusHandler<Event>): void;

  /** Called after a connection was lost and made again: messages may have been missed. */
  abstract onReconnect(handler: () => void): void;
}
