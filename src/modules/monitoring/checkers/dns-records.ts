import type { Answer, CaaData, MxData, SoaData, SrvData, TxtData } from 'dns-packet';
import ipaddr from 'ipaddr.js';

export const RECORD_TYPES = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'TXT', 'SOA', 'SRV', 'CAA', 'PTR'] as const;
export type RecordType = (typeof RECORD_TYPES)[number];

/** The records of a type among the answers, each as one line in the manner of zone files. */
export function recordLines(type: RecordType, answers: readonly Answer[]): string[] {
  return answers
    .filter((answer) => answer.type === type)
    .map((answer) => canonicalRecord(type, lineOf(type, (answer as { data: unknown }).data)));
}

/** One way to write a record, whoever wrote it: names in small letters and without the last dot. */
export function canonicalRecord(type: RecordType, written: string): string {
  const line = written.trim().replace(/\s+/g, ' ');
  switch (type) {
    case 'TXT':
      return written;
    case 'A':
    case 'AAAA':
      return ipaddr.isValid(line) ? ipaddr.parse(line).toString() : line.toLowerCase();
    case 'CAA':
      return line.replaceAll('"', '');
    default:
      return line
        .toLowerCase()
        .split(' ')
        .map((word) => word.replace(/(?<=.)\.$/, ''))
        .join(' ');
  }
}

/** The name to ask for: for PTR an address becomes its name in the reverse tree (RFC 1035 §3.5, RFC 3596 §2.5). */
export function questionName(type: RecordType, host: string): string {
  if (type !== 'PTR' || !ipaddr.isValid(host)) return host;
  const address = ipaddr.parse(host);
  if (address instanceof ipaddr.IPv4) return `${address.octets.toReversed().join('.')}.in-addr.arpa`;
  const nibbles = address
    .toByteArray()
    .flatMap((byte) => [byte >> 4, byte & 15])
    .map((nibble) => nibble.toString(16));
  return `${nibbles.toReversed().join('.')}.ip6.arpa`;
}

function lineOf(type: RecordType, data: unknown): string {
  switch (type) {
    case 'MX': {
      const { preference, exchange } = data as MxData;
      return `${preference} ${exchange}`;
    }
    case 'TXT':
      return [data as TxtData].flat().map(String).join('');
    case 'SOA': {
      const { mname, rname, serial, refresh, retry, expire, minimum } = data as SoaData;
      return [mname, rname, serial, refresh, retry, expire, minimum].join(' ');
    }
    case 'SRV': {
      const { priority, weight, port, target } = data as SrvData;
      return [priority, weight, port, target].join(' ');
    }
    case 'CAA': {
      const { flags, tag, value } = data as CaaData;
      return [flags, tag, value].join(' ');
    }
    default:
      return data as string;
  }
}
