import { Resolver } from 'node:dns';
import { isIPv6 } from 'node:net';
import { z } from 'zod';
import type { Attempt, SocketAddress } from './attempt.js';
import { CheckFailure } from './check-failure.js';
import type { Answer, Checker, CheckTarget } from './checker.js';
import { askDns, type DnsQuestion } from './dns-exchange.js';
import { canonicalRecord, questionName, RECORD_TYPES, recordLines } from './dns-records.js';
import { addressOf } from './target-address.js';

const DNS_PORT = 53;
/** A host or an address, IPv6 in brackets when a port follows. */
const RESOLVER = /^(?:\[[0-9a-fA-F:.]+\]|[^\s:/@[\]]+)(?::\d{1,5})?$/;
const MAX_SHOWN = 300;

const SCHEMES = { 'dns:': null };

const options = z.strictObject({
  record_type: z.enum(RECORD_TYPES).default('A').describe('The records that are asked for.'),
  resolver: z
    .string()
    .max(300)
    .regex(RESOLVER, 'must be host, host:port or [IPv6]:port')
    .refine((resolver) => resolverAddress(resolver).port <= 65_535, 'has no such port')
    .nullable()
    .default(null)
    .describe(
      'The DNS server that is asked, `host:port` (port 53 when left out). Null: those of the system.',
    ),
  protocol: z
    .enum(['udp', 'tcp'])
    .default('udp')
    .describe('How it is asked. Answers too long for UDP are fetched over TCP in any case.'),
  expected: z
    .array(z.string().min(1).max(1_000))
    .max(50)
    .default([])
    .describe('Records that must all be among the answers, as in a zone file. Empty: any will do.'),
  expected_exact: z
    .boolean()
    .default(false)
    .describe('Whether there may be no records but the expected ones.'),
});

export type DnsOptions = z.output<typeof options>;

/** A name in the DNS: asked of the resolver itself, past every cache of this machine. */
export function makeDnsChecker(systemServers: () => string[]): Checker<DnsOptions> {
  return {
    schemes: SCHEMES,
    options,
    secret_options: [],
    auth: [],
    asserts: ['body'],
    async probe(target, attempt) {
      const { record_type: type, protocol, resolver } = target.options;
      const question = { type, name: questionName(type, addressOf(target.url, SCHEMES).host) };
      assertAskable(question.name);
      const resolvers = resolver === null ? known(systemServers()) : await addressesOf(resolver, attempt);
      const patience_ms = target.timeout_ms / 3;
      const packet = await askDns(question, { resolvers, protocol, patience_ms }, attempt);
      const lines = recordLines(type, packet.answers ?? []);
      const { rcode } = packet as { rcode?: string };
      return {
        failure: refusalOf(rcode ?? 'NOERROR', question) ?? unexpected(lines, question, target),
        text: lines.join('\n'),
      } satisfies Answer;
    },
  };
}

/** The servers of the system are read anew each time: those of the process are those of when it began. */
export const dnsChecker = makeDnsChecker(() => new Resolver().getServers());

async function addressesOf(resolver: string, attempt: Attempt): Promise<SocketAddress[]> {
  const { host, port } = resolverAddress(resolver);
  const addresses = await attempt.resolve(host);
  return addresses.map(({ address }) => ({ host: address, port }));
}

/** They need not pass the guard: the machine has chosen them, not whoever made the endpoint. */
function known(servers: readonly string[]): SocketAddress[] {
  if (servers.length === 0) throw new CheckFailure('Not checked: this system has no DNS server', true);
  return servers.map(resolverAddress);
}

/** The system writes IPv6 addresses without brackets when no port follows. */
function resolverAddress(written: string): SocketAddress {
  if (isIPv6(written)) return { host: written, port: DNS_PORT };
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(written) ?? [];
  return { host: bracketed ?? plain ?? written, port: Number(port ?? DNS_PORT) };
}

/** RFC 1035 §2.3.4. */
function assertAskable(name: string): void {
  const labels = name.replace(/\.$/, '').split('.');
  if (name.length > 253 || labels.some((label) => label.length === 0 || label.length > 63)) {
    throw new CheckFailure(`DNS: ${name.slice(0, 100)} is not a name that can be asked for`);
  }
}

/** What a resolver says when it has no answer, for a person. */
function refusalOf(rcode: string, { name }: DnsQuestion): string | null {
  switch (rcode) {
    case 'NOERROR':
      return null;
    case 'NXDOMAIN':
      return `NXDOMAIN: ${name} does not exist`;
    case 'SERVFAIL':
      return `SERVFAIL: the resolver could not find out about ${name}`;
    case 'REFUSED':
      return `REFUSED: the resolver does not answer questions about ${name}`;
    default:
      return `${rcode}: the resolver did not answer about ${name}`;
  }
}

function unexpected(
  found: readonly string[],
  { name, type }: DnsQuestion,
  { options: { expected, expected_exact } }: CheckTarget<DnsOptions>,
): string | null {
  if (found.length === 0) return `There is no ${type} record of ${name}`;
  const wanted = expected.map((record) => canonicalRecord(type, record));
  const missing = wanted.find((record) => !found.includes(record));
  if (missing !== undefined) {
    return `Expected the ${type} record ${missing}, got ${found.join(', ')}`.slice(0, MAX_SHOWN);
  }
  const extra = expected_exact ? found.find((record) => !wanted.includes(record)) : undefined;
  return extra === undefined ? null : `Did not expect the ${type} record ${extra}`.slice(0, MAX_SHOWN);
}
