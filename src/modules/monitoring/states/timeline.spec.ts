import { continueTimeline } from './timeline.js';

const OPEN = { state: 'operational', started_at: 1_000 } as const;

describe('the timeline of an endpoint', () => {
  it('goes on without a gap', () => {
    const changes = [
      { to: 'major_outage', at: 2_000 },
      { to: 'operational', at: 3_000 },
    ] as const;
    expect(continueTimeline(OPEN, changes)).toEqual({
      ended_at: 2_000,
      begun: [
        { state: 'major_outage', started_at: 2_000, ended_at: 3_000 },
        { state: 'operational', started_at: 3_000, ended_at: null },
      ],
    });
  });

  it('never goes back, and no state lasts no time at all', () => {
    const changes = [
      { to: 'unknown', at: 500 },
      { to: 'operational', at: 500 },
    ] as const;
    expect(continueTimeline(OPEN, changes)).toEqual({
      ended_at: 1_001,
      begun: [
        { state: 'unknown', started_at: 1_001, ended_at: 1_002 },
        { state: 'operational', started_at: 1_002, ended_at: null },
      ],
    });
  });

  it('is not cut where nothing changes', () => {
    expect(continueTimeline(OPEN, [{ to: 'operational', at: 2_000 }])).toEqual({ ended_at: null, begun: [] });
  });

  it('begins with the first change where nothing is open', () => {
    expect(continueTimeline(undefined, [{ to: 'operational', at: 2_000 }])).toEqual({
      ended_at: null,
      begun: [{ state: 'operational', started_at: 2_000, ended_at: null }],
    });
  });
});
