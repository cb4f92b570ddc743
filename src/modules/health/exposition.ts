import { type Metric, type OpenMetricsContentType, register, Registry } from 'prom-client';

/** A page of metrics in a text format. */
export interface Exposition {
  contentType: string;
  text: string;
}

/** All metrics of this process, in the text format of Prometheus or in OpenMetrics. */
export async function expose(format: 'prometheus' | 'openmetrics'): Promise<Exposition> {
  const registry = format === 'openmetrics' ? openMetricsView() : register;
  return { contentType: registry.contentType, text: await registry.metrics() };
}

/**
 * The same metrics under the rules of OpenMetrics. prom-client renames counters for good when it writes that format:
 * it is given objects that inherit from the real ones, so that the new names stay with them.
 */
function openMetricsView(): Registry<OpenMetricsContentType> {
  const view = new Registry<OpenMetricsContentType>();
  view.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  for (const metric of register.getMetricsAsArray()) view.registerMetric(Object.create(metric) as Metric);
  return view;
}
