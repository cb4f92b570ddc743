import { Injectable } from '@nestjs/common';
import { register } from 'prom-client';
import { RequestStatistics } from '../../common/http/request-statistics.js';
import { SocketStatistics } from '../../realtime/socket-statistics.js';
import type { ApiMetricsDto } from './dto/api-metrics.dto.js';

/** Counters of other modules, met by name only: modules do not know each other. */
const ERRORS_RECEIVED = 'watchkeep_errors_received_total';
const NOTIFICATIONS = 'watchkeep_notifications_total';

/** The main counters as JSON. */
@Injectable()
export class MetricsReader {
  constructor(
    private readonly requests: RequestStatistics,
    private readonly sockets: SocketStatistics,
  ) {}

  async read(): Promise<ApiMetricsDto> {
    const { total, success, errors } = this.requests;
    const { created, active, disconnected } = this.sockets;
    return {
      requests: { total, success, errors },
      messages: {
        sent: await sumOf(NOTIFICATIONS, 'sent'),
        received: await sumOf(ERRORS_RECEIVED),
        failed: await sumOf(NOTIFICATIONS, 'failed'),
      },
      sessions: { created, active, deleted: disconnected },
    };
  }
}

/** A counter added up over its labels, or over those with that `result`; 0 when there is no such counter. */
async function sumOf(name: string, result?: string): Promise<number> {
  const metric = await register.getSingleMetric(name)?.get();
  const values = metric?.values ?? [];
  return values
    .filter(({ labels }) => result === undefined || (labels as { result?: string }).result === result)
    .reduce((sum, { value }) => sum + value, 0);
}
