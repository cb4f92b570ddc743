import { Injectable } from '@nestjs/common';
import { Counter, Histogram } from 'prom-client';

const duration = new Histogram({
  name: 'watchkeep_http_request_duration_seconds',
  help: 'Time to answer a request, by method, route and status code.',
  labelNames: ['method', 'route', 'status_code'] as const,
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
});

const total = new Counter({ name: 'watchkeep_http_requests_total', help: 'Requests answered.' });
const MINUTE_MS = 60_000;

/** What this process has answered since it started. */
@Injectable()
export class RequestStatistics {
  total = 0;
  errors = 0;
  private minute = { started: Date.now(), count: 0, previous: 0 };

  get success(): number {
    return this.total - this.errors;
  }

  /** Requests of the last full minute, or of the running one while there is no full one yet. */
  get perMinute(): number {
    this.turnMinute();
    return this.minute.previous || this.minute.count;
  }

  record(method: string, route: string, statusCode: number, seconds: number): void {
    this.total++;
    if (statusCode >= 400) this.errors++;
    total.inc();
    duration.observe({ method, route, status_code: String(statusCode) }, seconds);
    this.turnMinute();
    this.minute.count++;
  }

  private turnMinute(): void {
    const elapsed = Date.now() - this.minute.started;
    if (elapsed < MINUTE_MS) return;
    const previous = elapsed < 2 * MINUTE_MS ? this.minute.count : 0;
    this.minute = { started: Date.now(), count: 0, previous };
  }
}
