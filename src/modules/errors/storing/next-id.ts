import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

const ID_BYTES = 16;
const pool = Buffer.allocUnsafe(256 * ID_BYTES);
let used = pool.length;

/** A UUID of version 7. Random bytes are drawn for many at a time: one call for each costs more than all else a report needs. */
export function nextId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const random = pool.subarray(used, used + ID_BYTES);
  used += ID_BYTES;
  return v7({ random });
}
