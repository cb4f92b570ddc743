import { errorBody, errorEvent } from './error-bodies.mjs';

const BATCH = 100;

/**
 * The ways in that are measured: how many errors a request brings, where it goes, and what it carries.
 * `first` is the number of its first error; an error of number n belongs to group n modulo `groups`.
 */
export const PROTOCOLS = {
  single: {
    errors: 1,
    path: () => '/api/errors',
    headers: ({ key }) => [`X-API-Key: ${key}`, 'Content-Type: application/json'],
    body: (first, groups) => errorBody(first % groups, first),
  },
  batch: {
    errors: BATCH,
    path: () => '/api/errors/batch',
    headers: ({ key }) => [`X-API-Key: ${key}`, 'Content-Type: application/json'],
    body: (first, groups) =>
      `{"errors":[${Array.from({ length: BATCH }, (_, index) =>
        errorBody((first + index) % groups, first + index),
      ).join(',')}]}`,
  },
  envelope: {
    errors: 1,
    path: ({ project, publicKey }) => `/api/${project}/envelope/?sentry_key=${publicKey}&sentry_version=7`,
    headers: () => [],
    body: (first, groups) => envelope(errorEvent(first % groups, first, groups)),
  },
};

function envelope({ id, json }) {
  return `{"event_id":"${id}","sent_at":"2026-11-23T10:00:00.000Z","sdk":{"name":"sentry.javascript.node","version":"11.12.0"}}\n{"type":"event"}\n${json}`;
}
