import { isUUID } from 'class-validator';
import { invalidField } from '../coded-exception.js';
import { parseTime } from '../time.js';

/** The last row of a page, as far as its list’s order goes. */
export interface CursorPosition {
  /** The order that the cursor belongs to. */
  sort: string;
  at: Date | number;
  id: string;
}

/** An opaque text that a client sends back to get the rows behind a position. */
export function encodeCursor({ sort, at, id }: CursorPosition): string {
  return Buffer.from(JSON.stringify([sort, at, id])).toString('base64url');
}

/** @throws CodedException `VALIDATION_FAILED` when it is none, or one of a list in another order */
export function decodeCursor(cursor: string, sort: string): CursorPosition {
  const position = parse(cursor);
  if (!position) throw invalidField('cursor', 'is not one that a list has given');
  if (position.sort !== sort) throw invalidField('cursor', 'belongs to a list in another order');
  return position;
}

function parse(cursor: string): CursorPosition | undefined {
  try {
    const [sort, time, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    const at =
      typeof time === 'string' ? parseTime(time) : Number.isSafeInteger(time) ? (time as number) : undefined;
    return typeof sort === 'string' && isUUID(id) && at !== undefined
      ? { sort, at, id: id as string }
      : undefined;
  } catch {
    return undefined;
  }
}
