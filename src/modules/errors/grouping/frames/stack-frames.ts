import { type Frame, framesOf } from './frame-formats.js';
import { normalisePart } from './identifiers.js';
import { firstLines, normaliseLine } from './normalise-message.js';
import { ID } from './placeholders.js';

/** Calls that take part in grouping. */
const FRAMES = 3;

/** Code that the user did not write: language, runtime, package folders, framework namespaces. */
const LIBRARY_FILE =
  /(?:^|[/\\])(?:node_modules|site-packages|dist-packages|vendor|gems|bower_components)[/\\]|^node:|^internal[/\\]|(?:^|[/\\])lib[/\\](?:python|ruby)[\d./\\]|[/\\]go[/\\](?:src|pkg[/\\]mod)[/\\]|^\[|^<|^native\b|^index \d+$|webpack[/\\](?:bootstrap|runtime)|[/\\]rustc[/\\]|^chrome-extension:|^moz-extension:/;
const LIBRARY_NAME =
  /^(?:javax?|jdk|sun|kotlinx?|scala|groovy|clojure|jakarta|org\.(?:springframework|apache|hibernate|junit|jboss|eclipse|gradle|reactivestreams)|com\.(?:sun|google\.common|fasterxml|zaxxer|mysql)|io\.(?:netty|micrometer|vertx)|reactor|akka|System|Microsoft|Newtonsoft|runtime|net\/http|reflect)\.|^(?:Native Method|\{main\}|goroutine\b)/;

/**
 * The part of a stack trace that stays the same when the same problem happens again: the first three calls of the
 * user’s own code (or of any code when there is none of that) as `function (file)`, without positions, folders,
 * build hashes and queries. When no format is recognised: the first three lines, normalised like a message.
 *
 * Pure and total: any text gives an answer, in time linear to its length.
 */
export function normaliseStack(stackTrace: string): string[] {
  const own: Frame[] = [];
  const others: Frame[] = [];
  for (const frame of framesOf(stackTrace)) {
    if (isOwn(frame)) own.push(frame);
    else if (others.length < FRAMES) others.push(frame);
    if (own.length === FRAMES) break;
  }
  const frames = own.length > 0 ? own : others;
  return frames.length > 0 ? frames.map(describe) : firstLines(stackTrace, FRAMES).map(normaliseLine);
}

function isOwn(frame: Frame): boolean {
  return !LIBRARY_FILE.test(frame.file) && !LIBRARY_NAME.test(frame.name);
}

const PREFIX = /^(?:async[ *]|new |get |set )+/;
const ALIAS = / \[as [^\]]*\]/;
/** Classes that frameworks make at run time: `$Proxy12`, `Shop$$EnhancerBySpringCGLIB$$3f2a9c1b`. */
const GENERATED = /\$\$(?:\w*CGLIB|FastClass|Enhancer|SpringProxy)[\w$]*/;

function describe(frame: Frame): string {
  const name = frame.name.trim().replace(PREFIX, '').replace(ALIAS, '').replace(GENERATED, '$$$$');
  const file = baseName(frame.file);
  if (name === '') return `(${file})`;
  return file === '' ? normaliseLine(name) : `${normaliseLine(name)} (${file})`;
}

const QUERY = /[?#].*$/s;
const SCRIPT = String.raw`(?=\.(?:\w{1,16}\.)?(?:[cm]?js|css|tsx?|jsx|mjs)$)`;
/** A hash that a bundler puts into a file name: `main.3f2a9c1b.js`, `app-5d41402abc4b.min.js`. */
const HEX_HASH = new RegExp(String.raw`[.\-_](?=[\da-f]*\d)[\da-f]{6,64}${SCRIPT}`);
/** Vite’s: eight characters of base64url, `index-DkX9f3Bz.js`. */
const SHORT_HASH = new RegExp(String.raw`-([\w-]{8})${SCRIPT}`);

/** The last part of a path or URL, as it would be called in any build and on any machine. */
function baseName(file: string): string {
  const path = file.trim().replace(QUERY, '');
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  return normaliseLine(name.replace(HEX_HASH, '').replace(SHORT_HASH, withoutRandom));
}

function withoutRandom(suffix: string, hash: string): string {
  return normalisePart(hash.replace(/[-_]/g, '0')) === ID ? '' : suffix;
}
