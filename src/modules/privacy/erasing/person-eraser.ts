import type { Identity } from './identity.js';

/** Stands where a person was. */
export const ERASED = '[Erased]';

/** Shorter ids and names than this stand for other things too often to be looked for inside texts. */
const MIN_IN_TEXT = 6;

/** Keys of values that say who somebody is. */
const PERSON_KEY = /user|uid|login|account|customer|member|person|owner|author|e-?mail|^u$/i;
/** Keys that say it inside an object that is a person. */
const PART_KEY =
  /^(?:id|e-?mail|(?:user|full|first|last|display)?_?name|login|ip(?:_?address)?|phone|segment)$/i;

/** What is looked for, and how. Case never matters. */
export class PersonEraser {
  private readonly exact: ReadonlySet<string>;
  private readonly inText: RegExp | undefined;
  /** For `ILIKE ANY`: every row with the person in it fits one of these, and few others do. */
  readonly likePatterns: readonly string[];

  constructor(identity: Identity, more: readonly string[] = []) {
    const { email, ip_address } = identity;
    const names = present([identity.id, identity.username]);
    const others = present([email, email && encodeURIComponent(email), ip_address, ...more]);
    const all = [...names, ...others];
    const searched = [...others, ...names.filter(({ length }) => length >= MIN_IN_TEXT)];
    const short = names.filter(({ length }) => length < MIN_IN_TEXT);
    this.exact = new Set(all.map((value) => value.toLowerCase()));
    // The longest first: `bob@example.com` before `example`.
    const sources = searched
      .sort((a, b) => b.length - a.length)
      .map((value) => (names.includes(value) ? namePattern(value) : addressPattern(value)));
    this.inText = sources.length > 0 ? new RegExp(sources.join('|'), 'giu') : undefined;
    this.likePatterns = [...searched.flatMap(likeInside), ...short.flatMap(likeWhole)];
  }

  isPerson(value: unknown): boolean {
    return (
      (typeof value === 'string' || typeof value === 'number') && this.exact.has(String(value).toLowerCase())
    );
  }

  eraseText(text: string): string {
    return this.inText ? text.replace(this.inText, ERASED) : text;
  }

  /** A copy without the person; the very same value when they are not in it. */
  eraseValue(value: unknown, key = '', parentKey = ''): unknown {
    if (typeof value === 'string') return this.eraseString(value, key, parentKey);
    if (typeof value === 'number') return this.namesPerson(value, key, parentKey) ? ERASED : value;
    if (typeof value !== 'object' || value === null) return value;
    return Array.isArray(value) ? this.eraseList(value, key, parentKey) : this.eraseObject(value, key);
  }

  private eraseString(text: string, key: string, parentKey: string): string {
    return this.namesPerson(text, key, parentKey) ? ERASED : this.eraseText(text);
  }

  /** `user_id: 42`, `user: {id: 42}`; but not `line: 42`. */
  private namesPerson(value: string | number, key: string, parentKey: string): boolean {
    if (!this.isPerson(value)) return false;
    return (
      String(value).length >= MIN_IN_TEXT ||
      PERSON_KEY.test(key) ||
      (PART_KEY.test(key) && PERSON_KEY.test(parentKey))
    );
  }

  private eraseList(list: readonly unknown[], key: string, parentKey: string): unknown {
    const copy = list.map((value) => this.eraseValue(value, key, parentKey));
    return copy.some((value, index) => value !== list[index]) ? copy : list;
  }

  private eraseObject(object: object, key: string): unknown {
    const entries = Object.entries(object);
    const isTheirs = entries.some(
      ([name, value]) => PART_KEY.test(name) && this.namesPerson(value as string, name, key),
    );
    let changed = false;
    // Without a prototype, so that a key may be called anything.
    const copy = Object.create(null) as Record<string, unknown>;
    for (const [name, value] of entries) {
      const kept =
        isTheirs && PART_KEY.test(name) && value !== null ? ERASED : this.eraseValue(value, name, key);
      const keptName = this.eraseString(name, key, '');
      changed ||= kept !== value || keptName !== name;
      copy[keptName] =
        keptName !== name && typeof copy[keptName] === 'number' ? copy[keptName] + Number(kept) : kept;
    }
    return changed ? copy : object;
  }
}

function present(values: readonly (string | undefined)[]): string[] {
  return [...new Set(values.flatMap((value) => (value ? [value] : [])))];
}

/** An id or a name: not in the middle of a longer word or number. */
function namePattern(value: string): string {
  return String.raw`(?<![\p{L}\p{N}_])${literal(value)}(?![\p{L}\p{N}_])`;
}

/** An e-mail or IP address: not as a part of a longer one. */
function addressPattern(value: string): string {
  return String.raw`(?<![\p{L}\p{N}_.+-])${literal(value)}(?![\p{L}\p{N}_-]|\.[\p{L}\p{N}])`;
}

function literal(value: string): string {
  return value.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}

function likeInside(value: string): string[] {
  return forms(value).map((form) => `%${escapeLike(form)}%`);
}

/** As a whole value of JSON, or of a column, which the statement puts into quotes too. */
function likeWhole(value: string): string[] {
  const numbers = /^\d+$/.test(value)
    ? [`%: ${value},%`, `%: ${value}}%`, `%:${value},%`, `%:${value}}%`]
    : [];
  return [...forms(value).map((form) => `%"${escapeLike(form)}"%`), ...numbers];
}

/** As it is, and as JSON writes it. */
function forms(value: string): string[] {
  return present([value, JSON.stringify(value).slice(1, -1)]);
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, String.raw`\$&`);
}
