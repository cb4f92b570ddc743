import fc from 'fast-check';
import { decodeHealthResponse, encodeHealthRequest, statusName } from './grpc-health.js';

function framed(...message: number[]): Buffer {
  return Buffer.from([0, 0, 0, 0, message.length, ...message]);
}

describe('the messages of grpc.health.v1', () => {
  it('names the service, however long', () => {
    expect(encodeHealthRequest('')).toEqual(framed());
    expect(encodeHealthRequest('ab')).toEqual(framed(0x0a, 2, 0x61, 0x62));
    const long = encodeHealthRequest('x'.repeat(300));
    expect(long.subarray(0, 8)).toEqual(Buffer.from([0, 0, 0, 1, 47, 0x0a, 0xac, 0x02]));
  });

  it.each<[number[], string | undefined]>([
    [[], 'UNKNOWN'],
    [[0x08, 1], 'SERVING'],
    [[0x08, 2], 'NOT_SERVING'],
    [[0x08, 3], 'SERVICE_UNKNOWN'],
    [[0x08, 0x81, 0x01], '129'],
    [[0x12, 1, 0xff, 0x08, 1], 'SERVING'],
    [[0x10, 2, 0x08, 1], 'SERVING'],
    [[0x08], undefined],
    [[0x0d, 0, 0, 0, 0], undefined],
  ])('reads %j as %s', (message, status) => {
    expect(decodeHealthResponse(framed(...message))).toBe(status);
  });

  it('reads no half or compressed message', () => {
    expect(decodeHealthResponse(Buffer.from([0, 0, 0, 0, 9, 0x08, 1]))).toBeUndefined();
    expect(decodeHealthResponse(Buffer.from([1, 0, 0, 0, 2, 0x08, 1]))).toBeUndefined();
    expect(decodeHealthResponse(Buffer.alloc(0))).toBeUndefined();
  });

  it('ends, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (message) => {
        expect(['string', 'undefined']).toContain(typeof decodeHealthResponse(framed(...message)));
      }),
    );
  });

  it('knows the names of codes', () => {
    expect([0, 14, 99].map(statusName)).toEqual(['OK', 'UNAVAILABLE', '99']);
  });
});
