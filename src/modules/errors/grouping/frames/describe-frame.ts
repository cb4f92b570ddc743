import { normalisePart } from '../message/identifiers.js';
import { normaliseLine } from '../message/normalise-message.js';
import { ID, URL } from '../message/placeholders.js';
import type { Frame } from './frame.js';

const PREFIX = /^(?:async[ *]|new |get |set |static |bound )+/;
const ALIAS = / \[as [^\]]*\]/;
/** Classes that frameworks make at run time: `Shop$$EnhancerBySpringCGLIB$$3f2a9c1b`, `Shop$$SpringCGLIB$$0`. */
const GENERATED = /\$\$(?:\w*CGLIB|FastClass|Enhancer|SpringProxy)[\w$]*/;
/** What the C# compiler makes of `async` methods and of lambdas: `Cart.<Total>d__5.MoveNext`, `<>c.<Total>b__0_1`. */
const STATE_MACHINE = /<(\w+)>d(?:__\d+)?(?:`\d+)?(?:\[[^\]]*\])?\.MoveNext$/;
const CLOSURE = /(?:<>c(?:__DisplayClass[\d_]+)?(?:`\d+)?\.)?<(\w+)>([bg])__(?:(\w+?)\|)?[\d_]+/;
/** Type parameters that depend on the caller: Go’s `Map[...]`, .NET’s `` List`1[T] ``. */
const GENERICS = /\[[^\]]*\]|`\d+/g;
const RUBY_BLOCK = /^(?:block(?: \(\d+ levels?\))?|rescue|ensure) in /;
const PHP_CLOSURE = /\{closure(?::[^}]*)?\}/;
const RUST_CLOSURE = /(?:::\{\{?closure\}?\}(?:#\d+)?)+/;

/** From this column on a line is one that a bundler wrote. */
export const BUNDLED_COLUMN = 300;

/**
 * A call as it would be called in any build and on any machine: `function (file)`, without positions, folders,
 * build hashes, queries, and without what compilers add to a name.
 */
export function describeFrame(frame: Frame): string {
  const file = baseName(frame.file);
  const name = callName(frame, isBundled(frame));
  if (name === '') return `(${file})`;
  return file === '' ? normaliseLine(name) : `${normaliseLine(name)} (${file})`;
}

/** The name without what only says how it was called. */
export function plainName(frame: Frame): string {
  const name = frame.name.trim().replace(PREFIX, '');
  return name.includes(' [as ') ? name.replace(ALIAS, '') : name;
}

function callName(frame: Frame, bundled: boolean): string {
  let name = plainName(frame);
  if (bundled) return withoutShortNames(name);
  if (name.includes('$$')) name = name.replace(GENERATED, '$$$$');
  if (name.includes('<')) name = name.replace(STATE_MACHINE, '$1').replace(CLOSURE, closureName);
  if (name.includes('[') || name.includes('`')) name = name.replace(GENERICS, '');
  if (name.includes(' in ')) name = name.replace(RUBY_BLOCK, '');
  if (name.includes('{')) name = name.replace(PHP_CLOSURE, '{closure}').replace(RUST_CLOSURE, '::{closure}');
  return name;
}

function closureName(_: string, method: string, kind: string, local: string | undefined): string {
  return kind === 'g' && local ? `${method}.${local}` : `${method}.lambda`;
}

function isBundled({ column, file }: Frame): boolean {
  return column >= BUNDLED_COLUMN || HEX_HASH.test(file);
}

/** A minifier gives out short names anew in each build: `t.render` is `render`, `n` is nothing. */
function withoutShortNames(name: string): string {
  return name
    .split('.')
    .filter((part) => part.length > 2)
    .join('.');
}

const QUERY = /[?#].*$/s;
const SCRIPT = String.raw`(?=\.(?:\w{1,16}\.)?(?:[cm]?js|css|tsx?|jsx|bundle)(?:[?#]|$))`;
/** A hash that a bundler puts into a file name: `main.3f2a9c1b.js`, `app-5d41402abc4b.min.js`. */
const HEX_HASH = new RegExp(String.raw`[.\-_](?=[\da-f]*\d)[\da-f]{6,64}${SCRIPT}`);
/** Vite’s: eight characters of base64url, `index-DkX9f3Bz.js`. */
const SHORT_HASH = new RegExp(String.raw`-([\w-]{8})${SCRIPT}`);
/** `shop-1.2.0.jar!/BOOT-INF/…` names no file of its own. */
const ARCHIVE = /^[\w.-]+\.(?:jar|zip|phar)!/;

const WEB_PAGE = /^https?:/;

/** The last part of a path or URL, as it would be called in any build. A script that stands in a page has no file. */
export function baseName(file: string): string {
  const path = file.includes('?') || file.includes('#') ? file.replace(QUERY, '') : file;
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1).trim();
  if (!name.includes('.') && WEB_PAGE.test(file)) return URL;
  const plain = name.includes('!') ? name.replace(ARCHIVE, '') : name;
  return normaliseLine(plain.replace(HEX_HASH, '').replace(SHORT_HASH, withoutRandom));
}

function withoutRandom(suffix: string, hash: string): string {
  return normalisePart(hash.replace(/[-_]/g, '0')) === ID ? '' : suffix;
}
