import { type Frame, placeOf } from './frame.js';

/** `Bar.java:42`, `Native Method`, `Unknown Source`: what Java writes between the brackets. */
const JAVA_SOURCE =
  /^(?:[\w$-]+\.(?:java|kt|kts|scala|groovy|clj)(?::\d+)?|Native Method|Unknown Source|SourceFile(?::\d+)?|<\w+>)$/;
/** What .NET writes behind a call; in the language of its machine: `in … :line 4`, `in … :Zeile 4`. */
const DOTNET_FILE = / (?:in|dans|en|в) (.+):(?:\p{L}+ )?\d+$/u;
/** The word that .NET puts before a call on machines that do not speak English. */
const DOTNET_LINE = /^(?:bei|à|en|w|в) (?=[A-Za-z_<][\w.<>`|+]*\()/;
const HERMES_PLACE = 'address at ';

/** `at f (file:1:2)`, `at file:1:2`, `at a.b.C.m(C.java:1)`, `at N.C.M(String s) in C:\f.cs:line 1`. */
export function atLine(line: string): Frame | undefined {
  const call = line.slice(3).trim();
  const bracket = call.indexOf('(');
  if (bracket < 0) return atPlace(call);
  const dotnetFile = call.endsWith(')') ? undefined : DOTNET_FILE.exec(call)?.[1];
  if (dotnetFile !== undefined) return { name: call.slice(0, bracket), file: dotnetFile, column: 0 };
  const inside = call.slice(bracket + 1, call.endsWith(')') ? -1 : undefined);
  if (call[bracket - 1] !== ' ') {
    if (JAVA_SOURCE.test(inside)) return javaCall(call.slice(0, bracket), inside);
    return { name: call.slice(0, bracket), file: '', column: 0 };
  }
  const source = inside.trim();
  if (JAVA_SOURCE.test(source)) return javaCall(call.slice(0, bracket - 1), source);
  return v8Call(call.slice(0, bracket - 1), inside);
}

/** `at eval (eval at f (app.js:1:2), <anonymous>:1:1)` is about the outermost place. */
function v8Call(name: string, inside: string): Frame {
  const nested = inside.startsWith('eval at ') ? inside.lastIndexOf('(') : -1;
  const place = nested < 0 ? inside : inside.slice(nested + 1, inside.indexOf(')', nested));
  const { file, column } = placeOf(place.startsWith(HERMES_PLACE) ? place.slice(HERMES_PLACE.length) : place);
  return { name, file, column };
}

/** A place without a name, or a name without a place. */
function atPlace(call: string): Frame {
  const text = call.startsWith('async ') ? call.slice(6) : call;
  const { file, column, hasLine } = placeOf(text);
  if (hasLine || text === '<anonymous>') return { name: '', file, column };
  return { name: text, file: '', column: 0 };
}

/** Without class loader and module: `app//com.acme.Shop.buy`, `java.base/java.util.List.of`. */
function javaCall(call: string, source: string): Frame {
  const lambda = call.indexOf('$$Lambda');
  const path = lambda < 0 ? call : call.slice(0, lambda);
  const name = path.slice(path.lastIndexOf('/') + 1) + (lambda < 0 ? '' : call.slice(lambda));
  return { name, file: placeOf(source).file, column: 0 };
}

/** .NET on a machine that does not speak English. */
export function localisedDotnetLine(line: string): Frame | undefined {
  const word = DOTNET_LINE.exec(line)?.[0];
  if (word === undefined) return undefined;
  const call = line.slice(word.length);
  const file = DOTNET_FILE.exec(call)?.[1];
  return { name: call.slice(0, call.indexOf('(')), file: file ?? '', column: 0 };
}

/** Firefox, Safari, JavaScriptCore: `f@https://host/app.js:1:2`. */
export function geckoLine(line: string): Frame | undefined {
  const at = line.lastIndexOf('@');
  if (at < 0) return undefined;
  const place = line.slice(at + 1);
  const { file, column, hasLine } = placeOf(place);
  if ((!hasLine || place.includes(' ')) && place !== '[native code]') return undefined;
  return { name: line.slice(0, at), file, column };
}

const PYTHON = /^File "([^"]+)", line \d+(?:, in (.+))?$/;
export function pythonLine(line: string): Frame | undefined {
  const match = PYTHON.exec(line);
  return match ? { name: match[2] ?? '', file: match[1]!, column: 0 } : undefined;
}

const PHP = /^#\d+ (?:(.*)\((\d+)\)|\[internal function\]): (\{closure[^}]*\}|[^(]*)/;
/** `eval()'d code` is named after the file that it stands in. */
export function phpLine(line: string): Frame | undefined {
  const match = PHP.exec(line);
  if (!match) return undefined;
  const file = match[1] ?? '[internal]';
  const evaluated = file.indexOf('(');
  return { name: match[3]!, file: evaluated > 0 ? file.slice(0, evaluated) : file, column: 0 };
}

const XDEBUG = /^(?:PHP +)?(?:\d+\.\d+ +\d+ +)?\d+\. ([^\s(]+)\(/;
const XDEBUG_PLACE = / (\S+\.(?:php|phtml|inc)):\d+$/;
/** Xdebug: `PHP   2. App\Cart->total($id = 42) /var/www/app/Cart.php:17`. */
export function xdebugLine(line: string): Frame | undefined {
  const name = XDEBUG.exec(line)?.[1];
  const file = name === undefined ? undefined : XDEBUG_PLACE.exec(line)?.[1];
  return file === undefined ? undefined : { name: name!, file, column: 0 };
}

const RUBY =
  /^(?:from |\d+: from )?([^\s:]+\.(?:rb|erb|rake|ru|haml|slim)|<internal:[\w/]+>):\d+(?::in [`'](.+?)'(?=$|:))?/;
export function rubyLine(line: string): Frame | undefined {
  const match = RUBY.exec(line);
  return match ? { name: match[2] ?? '', file: match[1]!, column: 0 } : undefined;
}

/** Go writes the call on one line and its place on the next. */
const GO_PLACE = /^(\S(?:.*\S)?\.(?:go|s)):\d+(?: \+0x[\da-f]+)?$/;
export function goLine(line: string, previous: string): Frame | undefined {
  const match = GO_PLACE.exec(line);
  if (!match) return undefined;
  const call = previous.replace(/^created by /, '').replace(/ in goroutine \d+$/, '');
  const bracket = call.endsWith(')') ? argumentsOf(call) : -1;
  return { name: bracket > 0 ? call.slice(0, bracket) : call, file: match[1]!, column: 0 };
}

/** `main.(*Cart).total(0xc000, {0x1, 0x2})`: the bracket that opens the arguments, not that of the receiver. */
function argumentsOf(call: string): number {
  const receiver = call.lastIndexOf(').');
  return call.indexOf('(', receiver < 0 ? 0 : receiver + 1);
}

const RUST = /^\d+: +(?:0x[\da-f]+ - )?(\S.*)$/;
/** A list of causes is numbered too; symbols hold no spaces outside of their generics. */
const RUST_SYMBOL = /::|^[\w$.]+$|^</;
const RUST_HASH = /::h[\da-f]{16}$/;
/** Rust writes `12: shop::cart::total` and, on the next line, `at src/cart.rs:4:9`. */
export function rustName(line: string): string | undefined {
  const name = RUST.exec(line)?.[1];
  return name !== undefined && RUST_SYMBOL.test(name) ? name.replace(RUST_HASH, '') : undefined;
}
