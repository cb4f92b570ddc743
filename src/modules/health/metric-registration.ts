import { Counter, type CounterConfiguration, Gauge, type GaugeConfiguration, register } from 'prom-client';

/** Registers a gauge that reads its owner; a later owner in the same process, as in tests, takes its place. */
export function registerGauge<Label extends string = never>(
  configuration: GaugeConfiguration<Label>,
): Gauge<Label> {
  register.removeSingleMetric(configuration.name);
  return new Gauge(configuration);
}

/** The same for a counter that is kept elsewhere and read at scrape time. */
export function registerCounter<Label extends string = never>(
  configuration: CounterConfiguration<Label>,
): Counter<Label> {
  register.removeSingleMetric(configuration.name);
  return new Counter(configuration);
}
