import type { QueueName } from '../common/queue-names.js';

/** A slot of an endpoint: which, and the time (ms since the epoch) it was due. */
export type CheckSlot = readonly [endpointId: string, dueAt: number];

/** Every job, with what it carries. Payloads hold ids; a job may run twice. */
export interface JobPayloads {
  /** The beat: claims the endpoints that are due, and sees to what else comes due within a second. */
  'dispatch-due-checks': Record<string, never>;
  /** Checks one batch of claimed slots. */
  'run-checks': { slots: CheckSlot[] };
  /** Checks endpoints out of turn, for somebody who waits for the results. */
  'run-checks-now': { endpoint_ids: string[] };
  /** Checks settings that nobody has stored, once, and answers the result. They are sealed: they hold credentials. */
  'test-endpoint': { sealed: string };
  /** Calls the dead-man address, while this installation is healthy. */
  'call-dead-man': Record<string, never>;
  /** Opens, carries on or resolves the incident about this installation’s own network. */
  'review-own-network': Record<string, never>;
  /** Stores one sample of this machine’s figures. */
  'collect-system-metrics': Record<string, never>;
  /** Probes integrations: those with these ids, or all of them. */
  'probe-integrations': { ids?: string[] };
  /** Ends the mutes of errors whose time is up or that occur too often. */
  'end-mutes': Record<string, never>;
  /** Ends floods of errors that are over, and has the incidents about floods brought up to date. */
  'end-error-spikes': Record<string, never>;
  /** Opens and resolves the incidents about floods of errors. */
  'review-error-spikes': Record<string, never>;
  /** Drops occurrences that are expired or beyond their disk budget, and removes errors and keys that are expired. */
  'clean-up-errors': Record<string, never>;
  /** Erases the persons who are waiting for it, or whose worker died over it. */
  'erase-persons': Record<string, never>;
  /** Makes coming partitions, drops expired ones, removes other old rows. */
  'clean-up': Record<string, never>;
  /** Rolls up the hours, days and months that have closed. */
  'roll-up': Record<string, never>;
  /** Folds what reports have left behind into figures: hours, users, tags, statistics. */
  'fold-error-tallies': Record<string, never>;
}

export type JobName = keyof JobPayloads;

/** The queue that carries each job. */
export const JOB_QUEUES: Record<JobName, QueueName> = {
  'dispatch-due-checks': 'dispatch',
  'run-checks': 'checks',
  'run-checks-now': 'manual-checks',
  'test-endpoint': 'manual-checks',
  'call-dead-man': 'background',
  'review-own-network': 'background',
  'collect-system-metrics': 'background',
  'probe-integrations': 'background',
  'end-mutes': 'background',
  'end-error-spikes': 'background',
  'review-error-spikes': 'background',
  'clean-up-errors': 'background',
  'erase-persons': 'background',
  'clean-up': 'background',
  'roll-up': 'background',
  'fold-error-tallies': 'background',
};
