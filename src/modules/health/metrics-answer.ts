import type { Request, Response } from 'express';
import { expose } from './exposition.js';

const TEXT = 'text/plain';
const OPENMETRICS = 'application/openmetrics-text';
const JSON_TYPE = 'application/json';

/** Answers with all metrics: OpenMetrics when `Accept` asks for it, else the text of Prometheus. */
export async function answerExposition(request: Request, response: Response): Promise<string> {
  const accepted = request.accepts([TEXT, OPENMETRICS]);
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
  if (request.accepts([TEXT, OPENMETRICS, JSON_TYPE]) !== JSON_TYPE)
    return answerExposition(request, response);
  response.vary('Accept');
  return readCounters();
}
