import type { CheckTarget } from './checker.js';

const HIDDEN = '[hidden]';
/** Shorter texts are found everywhere, and give nothing away. */
const MIN_LENGTH = 4;
/** Parts of a header are shown unless they are long enough for a credential. */
const MIN_PART_LENGTH = 8;
/** How much of a secret must stand at the end of a text that was cut off to be hidden there. */
const MIN_BEGINNING = 4;

/** Headers that carry a credential beside other words. */
const CREDENTIALS = new Set(['authorization', 'proxy-authorization', 'cookie']);

type Secretive = Pick<CheckTarget, 'headers' | 'auth' | 'options'>;

/**
 * A text without the secrets that the target was asked with: what a server echoes is shown to people who may read
 * results, but not secrets.
 * @param secretOptions names of the options that are kept secret
 */
export function hideSecrets(text: string, target: Secretive, secretOptions: readonly string[]): string {
  const secrets = [...new Set(secretsOf(target, secretOptions).flatMap(spellings))]
    .filter((secret) => secret.length >= MIN_LENGTH)
    .sort((a, b) => b.length - a.length);
  if (secrets.length === 0) return text;
  const hidden = text.replaceAll(new RegExp(secrets.map(escaped).join('|'), 'g'), HIDDEN);
  return withoutBeginning(hidden, secrets);
}

function secretsOf({ headers, auth, options }: Secretive, secretOptions: readonly string[]): string[] {
  const own = options as Readonly<Record<string, unknown>>;
  return [
    ...Object.entries(headers).flatMap(([name, value]) => [value, ...partsOf(name, value)]),
    ...(auth?.type === 'basic' ? [auth.password, base64(`${auth.username}:${auth.password}`)] : []),
    ...(auth?.type === 'bearer' ? [auth.token] : []),
    ...secretOptions.flatMap((name) => textsIn(own[name])),
  ];
}

function partsOf(name: string, value: string): string[] {
  if (!CREDENTIALS.has(name.toLowerCase())) return [];
  return value
    .split(/[\s,;]+/)
    .flatMap((part) => [part, part.slice(part.indexOf('=') + 1)])
    .filter((part) => part.length >= MIN_PART_LENGTH);
}

/** All texts in an option; of an address, its credentials as well. */
function textsIn(value: unknown): string[] {
  if (typeof value !== 'string') return Object.values(Object(value) as object).flatMap(textsIn);
  if (!/^\w+:\/\//.test(value) || !URL.canParse(value)) return [value];
  const { username, password } = new URL(value);
  const [user, word] = [decoded(username), decoded(password)];
  return [value, password, word, base64(`${user}:${word}`)];
}

/** The ways in which a server may repeat it. */
function spellings(secret: string): string[] {
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(Buffer.from(secret).toString())];
}

/** A text is cut off at some length, perhaps in the middle of a secret. */
function withoutBeginning(text: string, secrets: readonly string[]): string {
  for (const secret of secrets) {
    for (let length = Math.min(secret.length, text.length) - 1; length >= MIN_BEGINNING; length--) {
      if (text.endsWith(secret.slice(0, length))) return text.slice(0, -length) + HIDDEN;
    }
  }
  return text;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
