import fc from 'fast-check';
import { CodedException } from '../../../src/common/coded-exception.js';
import { decodeJson } from '../../../src/modules/errors/otlp/decode-json.js';
import { decodeProtobuf } from '../../../src/modules/errors/otlp/decode-protobuf.js';
import { readErrors } from '../../../src/modules/errors/otlp/read-errors.js';
import { sized, whole } from './protobuf-bytes.js';
import { asJson, asProtobuf, protobufValue, type SampleLogs } from './sample-logs.js';

const SAMPLE: SampleLogs = {
  resource: { 'service.name': 'shop', 'process.pid': 42, 'host.name': 'web-1' },
  scope: 'shop.cart',
  records: [
    {
      time: 1_700_000_000_123_456_789n,
      severity: 17,
      severityText: 'ERROR',
      body: 'Cannot pay',
      traceId: '5b8efff798038103d269b633813fc60c',
      spanId: 'eee19b7ec3c1b174',
      attributes: {
        text: 'ä€🙂',
        yes: true,
        no: false,
        negative: -7,
        large: 9_223_372_036_854_775_807n,
        half: 0.5,
        bytes: new Uint8Array([1, 2, 255]),
        list: ['a', 1, [true]],
        map: { inner: { x: 1 } },
      },
    },
    { observed: 1_700_000_001_000_000_000n, severity: 9, body: { message: 'Fine' } },
  ],
};

describe('both encodings', () => {
  it.each([
    ['JSON', decodeJson, Buffer.from(asJson(SAMPLE))],
    ['protobuf', decodeProtobuf, asProtobuf(SAMPLE)],
  ])('%s says the same', (_, decode, body) => {
    expect(decode(body)).toEqual([
      {
        attributes: { 'service.name': 'shop', 'process.pid': 42, 'host.name': 'web-1' },
        scopes: [
          {
            name: 'shop.cart',
            records: [
              {
                time: 1_700_000_000_123,
                severityNumber: 17,
                severityText: 'ERROR',
                body: 'Cannot pay',
                traceId: '5b8efff798038103d269b633813fc60c',
                spanId: 'eee19b7ec3c1b174',
                eventName: '',
                attributes: {
                  text: 'ä€🙂',
                  yes: true,
                  no: false,
                  negative: -7,
                  large: '9223372036854775807',
                  half: 0.5,
                  bytes: 'AQL/',
                  list: ['a', 1, [true]],
                  map: { inner: { x: 1 } },
                },
              },
              {
                time: 1_700_000_001_000,
                severityNumber: 9,
                severityText: '',
                body: { message: 'Fine' },
                traceId: null,
                spanId: null,
                eventName: '',
                attributes: {},
              },
            ],
          },
        ],
      },
    ]);
  });

  it('pass over fields that they do not know', () => {
    const unknown = [...sized(99, 'new'), ...whole(98, 5), 0xbd, 0x06, 1, 2, 3, 4];
    const record = [...unknown, ...sized(5, [...unknown, ...protobufValue('Seen')]), ...unknown];
    const body = Buffer.from([...unknown, ...sized(1, [...unknown, ...sized(2, sized(2, record))])]);
    expect(decodeProtobuf(body)[0]!.scopes[0]!.records[0]!.body).toBe('Seen');
  });

  it('read no deeper than sense goes', () => {
    const opening = '{"arrayValue":{"values":[';
    const body = `${opening.repeat(100_000)}${']}}'.repeat(100_000)}`;
    const json = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${body}}]}]}]}`;
    let bytes = protobufValue('deep');
    for (let depth = 0; depth < 1_000; depth++) bytes = sized(5, sized(1, bytes));
    const protobuf = Buffer.from(sized(1, sized(2, sized(2, sized(5, bytes)))));
    for (const logs of [decodeJson(Buffer.from(json)), decodeProtobuf(protobuf)])
      expect(JSON.stringify(logs[0]!.scopes[0]!.records[0]!.body)).toBe(
        `${'['.repeat(16)}null${']'.repeat(16)}`,
      );
  });

  it('refuse to unpack more records than anybody sends', () => {
    const protobuf = Buffer.from(sized(1, sized(2, Array.from({ length: 40_000 }, () => [0x12, 0]).flat())));
    const json = JSON.stringify({
      resourceLogs: [{ scopeLogs: [{ logRecords: Array.from({ length: 40_000 }, () => ({})) }] }],
    });
    expect(() => decodeProtobuf(protobuf)).toThrow('at most 20000 log records');
    expect(() => decodeJson(Buffer.from(json))).toThrow('at most 20000 log records');
  });

  it.each([['[]'], ['null'], [''], ['{"resourceLogs":{}}'], ['{']])('JSON: refuses %j', (body) => {
    expect(() => decodeJson(Buffer.from(body))).toThrow('not a valid ExportLogsServiceRequest');
  });

  it('protobuf: refuses what is cut off anywhere', () => {
    const body = asProtobuf(SAMPLE);
    for (let length = 1; length < body.length; length++)
      expect(() => decodeProtobuf(body.subarray(0, length))).toThrow('not a valid ExportLogsServiceRequest');
  });

  it('any bytes are read or refused, and any JSON becomes reports', () => {
    const read = (decode: () => ReturnType<typeof decodeJson>): void => {
      try {
        readErrors(decode(), 'default');
      } catch (error) {
        expect(error).toBeInstanceOf(CodedException);
      }
    };
    const name = fc.constantFrom('resourceLogs', 'scopeLogs', 'logRecords', 'body', 'attributes', 'resource', 'value',
      'severityNumber', 'stringValue', 'arrayValue', 'kvlistValue', 'values', 'key', 'timeUnixNano', 'traceId', '__proto__'); // prettier-ignore
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 7, withCrossShrink: true },
        fc.jsonValue({ maxDepth: 1 }),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(name, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) =>
        read(() => decodeJson(Buffer.from(JSON.stringify({ resourceLogs: [value] })))),
      ),
      { numRuns: 1_000 },
    );
    const sample = asProtobuf(SAMPLE);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(sample.length - 1), fc.nat(255)), { maxLength: 8 }), (changes) => {
        const body = Buffer.from(sample);
        for (const [at, byte] of changes) body[at] = byte;
        read(() => decodeProtobuf(body));
      }),
      { numRuns: 2_000 },
    );
  });
});
