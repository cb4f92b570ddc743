import type { QueueName } from '../common/queue-names.js';

/** A slot of an endpoint: which, and the time (ms since the epoch) it was due. */
export type CheckSlot = readonly [endpointId: string, dueAt: number];

/** Every job, with what it carries. Payloads hold ids; a job may run twice. */
export interface JobPayloads {
  /** Claims the endpoints that are due and hands them to the workers in batches. */
  'dispatch-due-checks': Record<string, never>;
  /** Checks one batch of claimed slots. */
  'run-checks': { slots: CheckSlot[] };
  /** Checks endpoints out of turn, for somebody who waits for the results. */
  'run-checks-now': { endpoint_ids: string[] };
  /** Stores one sample of this machine’s figures. */
  'collect-system-metrics': Record<string, never>;
  /** Makes coming partitions, drops expired ones, removes other old rows. */
  'clean-up': Record<string, never>;
}

export type JobName = keyof JobPayloads;

/** The queue that carries each job. */
export const JOB_QUEUES: Record<JobName, QueueName> = {
  'dispatch-due-checks': 'dispatch',
  'run-checks': 'checks',
  'run-checks-now': 'manual-checks',
  'collect-system-metrics': 'metrics',
  'clean-up': 'maintenance',
};
