/** Longest type that is looked for. */
const MAX_TYPE = 200;
const TYPE = /^(?:Uncaught )?([A-Za-z_$][\w$.\\]*(?:::\w+)*)(?:: |$|\n| \()/;
/** A word before a colon is a type when it looks like one: `TypeError`, `java.io.IOException`, `Foo::Bar`. */
const LOOKS_LIKE_TYPE = /[.\\:]|^[A-Z]\w*[a-z]\w*$|(?:Error|Exception|Fault|Warning|Interrupt|Exit)$/;

/** The type of an error whose message is written `Type: value`. */
export function typeOf(message: string): string | undefined {
  const type = TYPE.exec(message.slice(0, MAX_TYPE))?.[1];
  return type !== undefined && LOOKS_LIKE_TYPE.test(type) ? type : undefined;
}
