import { typeOf } from '../custom/error-type.js';
import type { GroupedBy } from '../grouped-by.js';
import type { Frame } from '../frames/frame.js';
import { isOwnCode } from '../frames/own-code.js';
import { type Calls, type IsOwn, StackReader } from '../frames/stack-frames.js';
import { type Glob, globOf } from './glob.js';
import type { CallMatch, FingerprintRule, GroupingRules, InAppRule, RuleMatch } from './grouping-rules.js';

/** Characters of a message that a rule looks at. */
const MAX_MESSAGE = 2_000;

/** Rules, made ready to be applied to many reports. */
export interface CompiledRules {
  /** Reads stacks by the rules on what is own code. */
  reader: StackReader;
  /** The fingerprint of the first rule that matches. */
  fingerprintFor(report: GroupedBy, calls: Calls): readonly string[] | undefined;
}

type Test = (report: GroupedBy, calls: Calls) => boolean;

/** Nothing for no rules: so they cost nothing. */
export function compileRules({ rules, in_app }: GroupingRules): CompiledRules | undefined {
  if (rules.length === 0 && in_app.length === 0) return undefined;
  const compiled = rules.map(({ match, fingerprint }: FingerprintRule) => ({
    test: testOf(match),
    fingerprint,
  }));
  return {
    reader: new StackReader(in_app.length === 0 ? isOwnCode : ownCodeBy(in_app)),
    fingerprintFor: (report, calls) => compiled.find(({ test }) => test(report, calls))?.fingerprint,
  };
}

function testOf(match: RuleMatch): Test {
  const tests: Test[] = [];
  const add = (pattern: string | undefined, read: (report: GroupedBy) => string | null | undefined) => {
    if (pattern === undefined) return;
    const glob = globOf(pattern);
    tests.push((report) => glob(read(report) ?? ''));
  };
  add(match.source, ({ source }) => source);
  add(match.level, ({ level }) => level);
  add(match.platform, ({ platform }) => platform);
  add(match.type, ({ message }) => typeOf(message));
  add(match.message, ({ message }) => message.slice(0, MAX_MESSAGE));
  const call = callTest(match);
  if (call) tests.push((_, { frames }) => frames.some(call));
  return (report, calls) => tests.every((test) => test(report, calls));
}

function callTest(match: CallMatch): ((frame: Frame) => boolean) | undefined {
  const tests: ((frame: Frame) => boolean)[] = [];
  const add = (pattern: string | undefined, read: (frame: Frame, glob: Glob) => boolean) => {
    if (pattern === undefined) return;
    const glob = globOf(pattern);
    tests.push((frame) => read(frame, glob));
  };
  add(match.function, ({ name }, glob) => glob(name));
  add(match.module, ({ module, name }, glob) => glob(module ?? name));
  add(match.file, ({ file }, glob) => glob(file));
  return tests.length === 0 ? undefined : (frame) => tests.every((test) => test(frame));
}

/** The first rule that matches decides; without one, what the reporter or our own list says. */
function ownCodeBy(rules: readonly InAppRule[]): IsOwn {
  const compiled = rules.map(({ match, in_app }) => ({ test: callTest(match), in_app }));
  return (frame) => compiled.find(({ test }) => test?.(frame))?.in_app ?? isOwnCode(frame);
}
