import { Injectable } from '@nestjs/common';
import type {
  DirectAnswer,
  DirectHead,
  DirectRequest,
  DirectRoute,
} from '../../../common/http/direct/direct-route.js';
import { Authorizer } from '../../../common/http/authorizer.js';
import { CodedException } from '../../../common/coded-exception.js';
import { ErrorIntake } from '../ingest/error-intake.js';
import { parseEnvelope } from './envelope.js';
import { ProjectSources } from './project-sources.js';
import { sentryFailure } from './sentry-failure.js';
import { SentryIntake, type Sender } from './sentry-intake.js';
import { keyInDsn, sentryKeyOf } from './sentry-key.js';

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
  readonly routes: readonly [DirectRoute<Sender | undefined>, DirectRoute<Sender>] = [
    {
      ...PROTOCOL,
      pattern: '/api/{project}/envelope',
      maxBytes: MAX_ENVELOPE_BYTES,
      matches: (path) => path.endsWith('/envelope') && PATH.test(path),
      // Tunnels pass on the envelope alone: then its own header names the DSN.
      admit: async (head) => {
        const key = sentryKeyOf(head);
        return key === undefined ? undefined : this.senderOf(head, key);
      },
      answer: (request, sender) => this.takeEnvelope(request, sender),
    },
    {
      ...PROTOCOL,
      pattern: '/api/{project}/store',
      matches: (path) => path.endsWith('/store') && PATH.test(path),
      admit: (head) => this.senderOf(head, sentryKeyOf(head)),
      answer: async ({ body }, sender) => accepted(await this.intake.takeEvent(body, sender)),
    },
  ];

  constructor(
    private readonly authorizer: Authorizer,
    private readonly projects: ProjectSources,
    private readonly errors: ErrorIntake,
    private readonly intake: SentryIntake,
  ) {}

  private async takeEnvelope(request: DirectRequest, admitted: Sender | undefined): Promise<DirectAnswer> {
    const envelope = this.errors.read(() => parseEnvelope(request.body));
    const sender = admitted ?? (await this.senderOf(request, keyInDsn(envelope.header['dsn'])));
    return accepted(await this.intake.takeEnvelope(envelope, sender));
  }

  /** @throws CodedException `FORBIDDEN` for whatever is wrong with the DSN */
  private async senderOf({ path, headers, ipAddress }: DirectHead, key: string | undefined): Promise<Sender> {
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
