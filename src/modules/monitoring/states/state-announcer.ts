import { Logger } from '@nestjs/common';
import type { Bus } from '../../../realtime/bus.js';
import { MAX_IDS } from '../../../realtime/events.js';
import type { DependenciesReader } from './dependencies.reader.js';
import { isDown } from './endpoint-state.js';
import { announceStateChanges, type StateChange, statusChange } from './state-changes.js';

/** What a batch of results has to tell. */
export interface News {
  /** Changes of what is shown. */
  changes: readonly StateChange[];
  /** Endpoints that have begun or ceased to flap; `from` and `to` are the same where only that has changed. */
  flaps: readonly StateChange[];
}

/** Tells all processes what results have changed: one batch after the other, so that nothing is overtaken. */
export class StateAnnouncer {
  private readonly logger = new Logger(StateAnnouncer.name);
  private told = Promise.resolve();

  constructor(
    private readonly bus: Bus,
    private readonly dependencies: DependenciesReader,
  ) {}

  /** Returns at once: results do not wait for this. */
  announce(news: News): void {
    if (news.changes.length + news.flaps.length === 0) return;
    this.told = this.told.then(() => this.tell(news));
  }

  /** Resolves once everything is told. */
  async settle(): Promise<void> {
    await this.told;
  }

  private async tell({ changes, flaps }: News): Promise<void> {
    if (changes.length > 0) await announceStateChanges(this.bus, await this.withCauses(changes));
    if (flaps.length > 0) await this.bus.publishAll('endpoint.flapping_changed', flaps.map(statusChange));
  }

  /** Only an outage has a cause. That nobody can be blamed for lack of a database keeps no news back. */
  private async withCauses(changes: readonly StateChange[]): Promise<StateChange[]> {
    const down = changes.filter((change) => isDown(change.to)).map((change) => change.endpoint_id);
    const causes = await this.dependencies.deadAncestors(down).catch((error: Error) => {
      this.logger.warn(`What outages depend on could not be read: ${error.message}`);
      return new Map<string, string[]>();
    });
    return changes.map((change) =>
      isDown(change.to)
        ? { ...change, caused_by: causes.get(change.endpoint_id)?.slice(0, MAX_IDS) ?? [] }
        : change,
    );
  }
}
