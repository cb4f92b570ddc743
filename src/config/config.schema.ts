import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { parseByteSize } from '../common/byte-size.js';
import { parseDuration } from '../common/duration.js';
import { QUEUE_NAMES } from '../common/queue-names.js';

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const port = z.coerce.number().int().min(0).max(65535);
const count = z.coerce.number().int().min(1);
/** Zero stands for none. */
const limit = z.coerce.number().int().min(0).max(1_000_000_000);

/** A duration such as `30s`, `5m`, `1h` or `7d`, held in milliseconds; at least `minimum`. */
function duration(minimum: string): z.ZodPipe<z.ZodString, z.ZodTransform<number, string>> {
  return z.string().transform((text, context) => {
    const milliseconds = parseDuration(text);
    if (milliseconds !== undefined && milliseconds >= parseDuration(minimum)!) return milliseconds;
    const message = `must be a duration of at least ${minimum}, such as 30s, 5m, 1h or 7d`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}

/** A size such as `10GB`, held in bytes, or `none`. */
const byteSize = z.string().transform((text, context) => {
  if (text === 'none') return undefined;
  const bytes = parseByteSize(text);
  if (bytes !== undefined && bytes > 0) return bytes;
  context.addIssue({ code: 'custom', message: 'must be a size such as 500MB, 10GB or 1TB, or none' });
  return z.NEVER;
});

/** A duration of at least a day, or `none`. */
const retentionOrNone = z
  .string()
  .transform((text) => (text === 'none' ? undefined : text))
  .pipe(duration('1d').optional());

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);

/** What Express believes when it is told to trust a proxy; it refuses anything else without naming the setting. */
const proxy = z
  .string()
  .refine(
    (text) => ['loopback', 'linklocal', 'uniquelocal'].includes(text) || isAddress(text),
    'must list addresses, subnets such as 10.0.0.0/8, loopback, linklocal or uniquelocal',
  );

function isAddress(text: string): boolean {
  return text.includes('/') ? ipaddr.isValidCIDR(text) : ipaddr.isValid(text);
}

const WITNESS = /^(\[[0-9a-fA-F:.]+\]|[^\s:[\]]+):\d{1,5}$/;

/** `host:port`, an IPv6 address in brackets. `none` alone stands for an empty list. */
const witness = z
  .string()
  .refine(
    (text) => WITNESS.test(text) && Number(text.slice(text.lastIndexOf(':') + 1)) <= 65535,
    'must list host:port, separated by commas, or be none',
  );

const witnesses = list
  .transform((targets) => (targets.length === 1 && targets[0] === 'none' ? [] : targets))
  .pipe(z.array(witness));

const queueList = list.pipe(z.array(z.enum(QUEUE_NAMES)));

/**
 * Every setting that the environment can carry, with its default and its meaning.
 * `.env.example` is held to this table by a test.
 */
const settings = z.object({
  HOST: z.string().default('0.0.0.0').describe('Address the API listens on.'),
  PORT: port.default(3000).describe('Port of the API, Swagger UI and sockets.'),
  WORKER_HOST: z.string().default('127.0.0.1').describe('Address of a worker’s probe server.'),
  WORKER_PORT: port
    .default(3001)
    .describe('Port of a worker’s probes (/health/live, /health/ready); 0 picks a free one.'),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Address that users reach the API at, for links. Default: http://localhost:PORT.'),
  ENVIRONMENT: z
    .string()
    .min(1)
    .default('production')
    .describe('Name of this installation, shown by /api/health.'),
  DEBUG: flag.default(false).describe('Reported by /api/health; changes nothing else.'),

  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .describe('PostgreSQL to use. Default: npm start runs one of its own under DATA_DIR.'),
  DATABASE_POOL_SIZE: count.default(10).describe('Connections to PostgreSQL per process.'),
  DATA_DIR: z.string().min(1).default('./data').describe('Where the embedded PostgreSQL keeps its data.'),
  CONFIG_FILE: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Configuration file (YAML) that npm start applies, at start and whenever it changes. Default: none.',
    ),
  SECRET_KEY: z
    .string()
    .min(32)
    .optional()
    .describe(
      'Encrypts stored credentials; at least 32 random characters, the same in every process. Default: npm start makes one and keeps it in DATA_DIR/secret.key.',
    ),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/ })
    .optional()
    .describe('Redis for queues and realtime events. Default: PostgreSQL carries both.'),

  WORKER_QUEUES: queueList
    .default([...QUEUE_NAMES])
    .describe(
      'Queues that this worker serves, separated by commas: the beat, checks, checks that somebody waits for, and all the rest.',
    ),
  WORKER_CONCURRENCY: count
    .max(1000)
    .default(100)
    .describe(
      'Batches of checks that a worker runs side by side; a batch lasts as long as its slowest answer.',
    ),
  WORKER_REGION: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/)
    .default('default')
    .describe('Where this worker stands; written beside each check result.'),

  WITNESS_TARGETS: witnesses
    .default(['one.one.one.one:443', 'dns.google:443'])
    .describe(
      'Asked whether this worker still has a network when many checks fail at once: host:port, separated by commas, or none. A TCP connection, nothing is sent.',
    ),
  DEADMAN_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'Address that is called (GET) while this installation is healthy, so that another service notices when the calls stop.',
    ),
  DEADMAN_INTERVAL: duration('10s').default(60_000).describe('How often DEADMAN_URL is called.'),

  DISPATCH_INTERVAL: duration('100ms')
    .default(1_000)
    .describe('How often due checks are handed to the workers.'),
  METRICS_INTERVAL: duration('1s').default(600_000).describe('How often system metrics are stored.'),
  INTEGRATION_INTERVAL: duration('30s')
    .default(300_000)
    .describe('How often integrations (e-mail, Twilio, Slack…) are probed; nothing is sent to anybody.'),
  CLEANUP_INTERVAL: duration('1m').default(86_400_000).describe('How often old data is removed.'),
  ROLLUP_INTERVAL: duration('1m')
    .default(600_000)
    .describe('How often closed hours, days and months are rolled up for statistics.'),
  FOLD_INTERVAL: duration('1s')
    .default(5_000)
    .describe('How often new errors enter histograms, tags, affected users and statistics.'),
  CHECK_RETENTION: duration('1d')
    .default(30 * 86_400_000)
    .describe('How long single check results are kept.'),
  ROLLUP_RETENTION: duration('7d')
    .default(90 * 86_400_000)
    .describe('How long response times are kept by the hour; by the day they stay.'),
  OCCURRENCE_RETENTION: duration('1d')
    .default(30 * 86_400_000)
    .describe('How long single error occurrences are kept; groups stay.'),
  OCCURRENCE_BUDGET: count
    .max(1_000_000)
    .default(1_000)
    .describe(
      'Occurrences of one error that are all kept, a day; of more, a spread and the last. Counts stay exact.',
    ),
  OCCURRENCE_DISK_BUDGET: byteSize
    .optional()
    .describe(
      'Disk that all occurrences may take, such as 10GB, or none: beyond it the oldest days go, however young; today stays.',
    ),
  ERROR_RETENTION: retentionOrNone
    .optional()
    .describe(
      'How long after it was last seen an error goes with all that belongs to it, such as 1000d, or none.',
    ),
  METRICS_RETENTION: duration('1d')
    .default(30 * 86_400_000)
    .describe('How long system metrics are kept.'),

  ERROR_LIMIT_PER_KEY: limit
    .default(1_000)
    .describe(
      'Errors that one API key may report a minute, to each API process; 0 for no limit. A key may have a limit of its own.',
    ),
  ERROR_LIMIT_PER_GROUP: limit
    .default(0)
    .describe(
      'Reports of one and the same error that are taken a minute, by each API process; 0 for no limit.',
    ),
  SPIKE_PROTECTION: flag
    .default(true)
    .describe(
      'Whether a source that reports far more than usual is kept to a limit, and an incident opened.',
    ),
  SPIKE_FLOOR: count
    .max(1_000_000_000)
    .default(1_000)
    .describe('Reports of one source a minute that are never a spike.'),
  SPIKE_FACTOR: z.coerce
    .number()
    .min(1)
    .max(1_000)
    .default(10)
    .describe('How many times the usual reports of a minute make a spike; usual is the average of 24 hours.'),

  ALLOW_PRIVATE_TARGETS: flag
    .default(true)
    .describe(
      'Whether checks may reach private networks and this machine. Cloud metadata and link-local addresses are always refused.',
    ),
  BODY_LIMIT_KB: count.max(65_536).default(1024).describe('Largest request body, in KiB.'),
  CORS_ORIGINS: list
    .default([])
    .describe('Origins that browsers may call the API from, separated by commas, or *.'),
  TRUST_PROXY: list
    .pipe(z.array(proxy))
    .default([])
    .describe('Proxies whose X-Forwarded-* headers are believed: addresses, subnets, or loopback.'),
  REQUIRE_HTTPS: flag.default(false).describe('Refuse plain HTTP with 403 HTTPS_REQUIRED, and send HSTS.'),

  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('Least level that is logged.'),
  LOG_FORMAT: z
    .enum(['json', 'pretty'])
    .default('json')
    .describe('json for machines, pretty for people; npm start defaults to pretty.'),
  SHUTDOWN_DELAY: duration('0s')
    .default(2_000)
    .describe(
      'How long a stopping process stays reachable, not ready, so that load balancers can turn away.',
    ),
  SHUTDOWN_TIMEOUT: duration('1s').default(15_000).describe('How long a stopping process may take to drain.'),
});

export const configSchema = settings.refine(
  ({ SHUTDOWN_DELAY, SHUTDOWN_TIMEOUT }) => SHUTDOWN_DELAY < SHUTDOWN_TIMEOUT,
  { path: ['SHUTDOWN_DELAY'], message: 'must be shorter than SHUTDOWN_TIMEOUT' },
);

export type ConfigValues = z.output<typeof configSchema>;
