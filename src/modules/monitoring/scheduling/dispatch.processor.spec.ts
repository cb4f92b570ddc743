import { Clock } from '../../../common/clock.js';
import type { OverdueHeartbeats } from '../heartbeats/overdue-heartbeats.service.js';
import type { MaintenanceStates } from '../states/maintenance-states.service.js';
import { DispatchProcessor } from './dispatch.processor.js';
import type { Dispatcher } from './dispatcher.service.js';

describe('the beat', () => {
  it('does not wait for what takes long, nor begins it again; the end of the process does', async () => {
    const done: string[] = [];
    let finish!: () => void;
    const edge = new Promise<void>((resolve) => (finish = resolve));
    const step = (name: string, until?: Promise<void>) => () => {
      done.push(name);
      return until ?? Promise.resolve();
    };
    const beat = new DispatchProcessor(
      { dispatch: step('dispatch') } as unknown as Dispatcher,
      { run: step('heartbeats') } as unknown as OverdueHeartbeats,
      { update: step('maintenance', edge) } as unknown as MaintenanceStates,
      new Clock(),
    );
    await beat.process();
    await beat.process();
    expect(done).toEqual(['maintenance', 'heartbeats', 'dispatch', 'heartbeats', 'dispatch']);
    const ended = beat.beforeApplicationShutdown().then(() => done.push('ended'));
    await beat.process();
    finish();
    await ended;
    expect(done.slice(5)).toEqual(['dispatch', 'ended']);
  });
});
