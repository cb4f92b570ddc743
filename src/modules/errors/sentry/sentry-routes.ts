import { Injectable } from '@nestjs/common';
import type { DirectAnswer, DirectRequest, DirectRoute } from '../../../common/http/direct/direct-route.js';
import { Authorizer } from '../../../common/http/authorizer.js';
import { CodedException } from '../../../common/coded-exception.js';
import { ErrorIntake } from '../ingest/error-intake.js';
import { parseEnvelope } from './envelope.js';
import type { Given } from './given.js';
import { ProjectSources } from './project-sources.js';
import { sentryFailure } from './sentry-failure.js';
import { SentryIntake, type Sender } from './sentry-intake.js';
import { sentryKeyOf } from './sentry-key.js';

const PATH = /^\/api\/([^/]+)\/(envelope|store)$/;
/** Attachments and replays come along, and are thrown away; the event itself is held to `BODY_LIMIT_KB`. */
const MAX_ENVELOPE_BYTES = 20 * 1_024 * 1_024;

/** Source: develop.sentry.dev, “CORS” and “Rate limiting”. */
const PROTOCOL = {
  anyOrigin: true,
  allowedHeaders: [
    'x-sentry-auth',
    'x-requested-with',
    'origin',
    'referer',
    'accept',
    'content-type',
    'authentication',
    'authorization',
    'content-encoding',
    'transfer-encoding',
    'sentry-trace',
    'baggage',
  ],
  exposedHeaders: ['x-sentry-error', 'x-sentry-rate-limits', 'retry-after'],
  failed: sentryFailure,
} satisfies Partial<DirectRoute>;

/** Where Sentry’s SDKs send to: `POST /api/{project}/envelope/`, and before envelopes `/store/`. */
@Injectable()
export class SentryRoutes {
  readonly routes: readonly DirectRoute[] = [
    {
      ...PROTOCOL,
      pattern: '/api/{project}/envelope',
      maxBytes: MAX_ENVELOPE_BYTES,
      matches: (path) => path.endsWith('/envelope') && PATH.test(path),
      answer: (request) => this.takeEnvelope(request),
    },
    {
      ...PROTOCOL,
      pattern: '/api/{project}/store',
      matches: (path) => path.endsWith('/store') && PATH.test(path),
      answer: (request) => this.takeEvent(request),
    },
  ];

  constructor(
    private readonly authorizer: Authorizer,
    private readonly projects: ProjectSources,
    private readonly errors: ErrorIntake,
    private readonly intake: SentryIntake,
  ) {}

  private async takeEnvelope(request: DirectRequest): Promise<DirectAnswer> {
    const envelope = this.errors.read(() => parseEnvelope(request.body));
    const sender = await this.senderOf(request, envelope.header);
    return accepted(await this.intake.takeEnvelope(envelope, sender));
  }

  private async takeEvent(request: DirectRequest): Promise<DirectAnswer> {
    return accepted(await this.intake.takeEvent(request.body, await this.senderOf(request)));
  }

  /** @throws CodedException `FORBIDDEN` for whatever is wrong with the DSN */
  private async senderOf(request: DirectRequest, envelope?: Given): Promise<Sender> {
    const { path, headers, ipAddress } = request;
    const key = sentryKeyOf({ query: request.query, headers, ...(envelope && { envelope }) });
    if (key === undefined) throw new CodedException('FORBIDDEN', 'The request carries no sentry_key.');
    const principal = await this.authorizer.authorizePublicKey(key);
    const source = await this.projects.sourceOf(PATH.exec(path)![1]!);
    if (principal.sources.length > 0 && !principal.sources.includes(source)) {
      throw new CodedException('FORBIDDEN', 'This key may not report for this project.');
    }
    return { principal, source, userAgent: headers['user-agent'], ipAddress };
  }
}

function accepted(id: string | undefined): DirectAnswer {
  return { status: 200, body: JSON.stringify(id === undefined ? {} : { id }) };
}
