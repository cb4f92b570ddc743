/** What a reader of the API document should know before the first request. */
export const INTRODUCTION = `Watches your endpoints, collects your errors, and tells everybody live.

**Keys.** Send an API key in the header \`X-API-Key\`, or as \`Authorization: Bearer <key>\`; a signed-in browser sends its \
session cookie by itself. \`npm start\` prints a first key; make more with \`POST /api/settings/api-keys\` or \
\`npx watchkeep create-api-key\`. A key with \`ingest\` may only report errors and is safe to publish, \`read\` may look, \
\`write\` may report and change, \`admin\` may also change settings. Press **Authorize** to try the requests below.

**Answers.** Under \`/api\` and \`/health/api\` a success is \`{"status": "success", "data": …}\`; \`204\` has no body. A failure is \
\`{"status": "error", "error", "code", "timestamp", "request_id"}\`, with \`details\` by field when the request was not valid: act on \
\`code\`, show \`error\`, quote \`request_id\`. Lists take \`limit\` (1–100, by default 50) and \`offset\`, and carry \`total\`, \`page\` and \
\`limit\`. Times are ISO 8601 in UTC, ids are UUIDs, durations are written \`30s\`, \`5m\`, \`1h\`. Unknown fields are refused. \
At \`429\` and \`503\` the header \`Retry-After\` says when to try again. Probes need no key, have no envelope and are never limited.

**Live events.** Connect with Socket.IO at \`/socket.io\` (\`auth: {token}\`) or with a plain WebSocket at \`/ws?token=…\`; the token is a \
key that may read. Events: \`new_error\`, \`error_updated\`, \`error_resolved\`, \`service_status_change\`, \`incident\`.

This document: [JSON](/api/docs/openapi.json) · [YAML](/api/docs/openapi.yaml).`;

/** The groups of operations, in the order of the document. */
export const TAGS: readonly (readonly [name: string, description: string])[] = [
  ['Errors', 'Errors reported by your programs, grouped by fingerprint and counted.'],
  ['Projects', 'The programs that report errors, and the DSNs that Sentry’s SDKs are given.'],
  ['Monitoring', 'Endpoints that are watched, their checks, and the state of services.'],
  ['Heartbeats', 'Where jobs report that they have run. Needs no key: the address is the secret.'],
  ['Maintenance', 'Announced work, during which endpoints count neither as up nor as down.'],
  ['Incidents', 'What is wrong and being dealt with, and what was said about it.'],
  ['Settings', 'API keys, and the services that Watchkeep sends through.'],
  ['Privacy', 'Trying out what is taken out of errors, and erasing a person.'],
  ['Sign-in', 'Who is signed in, and their sessions.'],
  ['Probes', 'For orchestrators: is the process alive, is it ready?'],
  ['Health', 'For people, load balancers and other monitors.'],
  ['Metrics', 'For Prometheus.'],
];
