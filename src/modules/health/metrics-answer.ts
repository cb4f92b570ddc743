import type { Request, Response } from 'express';
import { expose } from './exposition.js';

const TEXT = 'text/plain';
const OPENMETRICS = 'application/openmetrics-text';
const JSON_TYPE = 'application/json';

/** Prometheus asks for versions and escapings of a format; which of them it gets is said in the answer. */
function preferred(request: Request, types: string[]): string | false {
  request.headers.accept = request.headers.accept?.replace(/;\s*(?!q=)[^;,]*/g, '');
  return request.accepts(types);
}

/** Answers with all metrics: OpenMetrics when `Accept` asks for it, else the text of Prometheus. */
export async function answerExposition(request: Request, response: Response): Promise<string> {
  const accepted = preferred(request, [TEXT, OPENMETRICS]);
  const { contentType, text } = await expose(accepted === OPENMETRICS ? 'openmetrics' : 'prometheus');
  response.vary('Accept').setHeader('Content-Type', contentType);
  return text;
}

/** The same, or with the main counters when `Accept` asks for JSON rather than text. */
export function answerMetrics<Document>(
  request: Request,
  response: Response,
  readCounters: () => Promise<Document>,
): Promise<string | Document> {
  if (preferred(request, [TEXT, OPENMETRICS, JSON_TYPE]) !== JSON_TYPE)
    return answerExposition(request, response);
  response.vary('Accept');
  return readCounters();
}
