import type { Quorum } from '../../../database/entities/endpoint.entity.js';
import type { EndpointState } from '../../../database/entities/endpoint-status.entity.js';
import { isDown } from './endpoint-state.js';

/** How many of `measured` regions must find an endpoint down before it is. */
export function needed(quorum: Quorum, measured: number): number {
  switch (quorum) {
    case 'any':
      return 1;
    case 'majority':
      return Math.floor(measured / 2) + 1;
    case 'all':
      return measured;
  }
}

/** What the regions say together. Those where nothing was measured have no vote, and do not raise the quorum. */
export function combine(states: readonly EndpointState[], quorum: Quorum): EndpointState {
  const measured = states.filter((state) => state !== 'unknown');
  if (measured.length === 0) return 'unknown';
  const down = measured.filter((state) => isDown(state)).length;
  if (down >= needed(quorum, measured.length)) return 'major_outage';
  if (down > 0) return 'partial_outage';
  return measured.includes('degraded') ? 'degraded' : 'operational';
}
