/** `undefined is not an object (evaluating 'a.b.total')`: Safari’s words. */
const SAFARI = /\b(undefined|null) is not an object \(evaluating '[^']{0,200}?\.([\w$]{1,100})'\)/;
/** `can't access property "total", a.b is undefined`: Firefox’s. */
const FIREFOX = /\bcan't access property "([\w$]{1,100})", [^ ]{1,200} is (undefined|null)/;
/** `Cannot read property 'total' of undefined`: old Chrome and Hermes. */
const OLD = /\bCannot read property '([\w$]{1,100})' of (undefined|null)/;

/** The commonest error of browsers, in the words of one of them: what is missing is the same. */
export function inOneWording(line: string): string {
  if (line.includes(' is not an object (')) return line.replace(SAFARI, (_, what, name) => v8(what, name));
  if (line.includes("can't access property "))
    return line.replace(FIREFOX, (_, name, what) => v8(what, name));
  if (line.includes('Cannot read property ')) return line.replace(OLD, (_, name, what) => v8(what, name));
  return line;
}

function v8(what: string, name: string): string {
  return `Cannot read properties of ${what} (reading '${name}')`;
}
