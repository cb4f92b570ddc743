/**
 * Protobuf by hand, after https://protobuf.dev/programming-guides/encoding/: independent of the library that the product
 * reads and writes it with.
 */
export type Bytes = number[];

export function varint(value: bigint | number): Bytes {
  let left = BigInt.asUintN(64, BigInt(value));
  const bytes: Bytes = [];
  do {
    const low = Number(left & 0x7fn);
    left >>= 7n;
    bytes.push(left > 0n ? low | 0x80 : low);
  } while (left > 0n);
  return bytes;
}

const tag = (field: number, wireType: number): Bytes => varint((field << 3) | wireType);

/** A field of bytes, text, or a message. */
export function sized(field: number, content: Bytes | string): Bytes {
  const bytes = typeof content === 'string' ? [...Buffer.from(content, 'utf8')] : content;
  return [...tag(field, 2), ...varint(bytes.length), ...bytes];
}

export const whole = (field: number, value: bigint | number): Bytes => [...tag(field, 0), ...varint(value)];

export function fixed64(field: number, value: bigint): Bytes {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(value);
  return [...tag(field, 1), ...buffer];
}

export function double(field: number, value: number): Bytes {
  const buffer = Buffer.alloc(8);
  buffer.writeDoubleLE(value);
  return [...tag(field, 1), ...buffer];
}

/** The fields of a message: values of varints as bigint, the rest as bytes. */
export function fieldsOf(bytes: Uint8Array): [field: number, value: bigint | Buffer][] {
  const fields: [number, bigint | Buffer][] = [];
  let at = 0;
  const read = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const head = Number(read());
    if ((head & 7) === 0) fields.push([head >> 3, read()]);
    else {
      const length = Number(read());
      fields.push([head >> 3, Buffer.from(bytes.subarray(at, (at += length)))]);
    }
  }
  return fields;
}
