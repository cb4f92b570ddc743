import type { Request, Response } from 'express';
import type { HealthJsonDto } from './dto/health-json.dto.js';

const HEALTH_JSON = 'application/health+json';

/** A health document, in our own shape and as `application/health+json`. */
export interface HealthReport<Document> {
  /** False when the process cannot do its work: the answer is then a failure in HTTP as well. */
  ok: boolean;
  document: Document;
  healthJson: HealthJsonDto;
}

/** Chooses the status code and, by `Accept`, the format. */
export function answerReport<Document>(
  report: HealthReport<Document>,
  failureStatus: number,
  request: Request,
  response: Response,
): Document | HealthJsonDto {
  response.status(report.ok ? 200 : failureStatus).vary('Accept');
  if (request.accepts(['application/json', HEALTH_JSON]) !== HEALTH_JSON) return report.document;
  response.type(HEALTH_JSON);
  return report.healthJson;
}
