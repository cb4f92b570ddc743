import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackFrame } from '../../src/modules/errors/error-report.js';

/** An error, and which problem a person would say that it is. */
export interface LabelledError {
  label: string;
  platform: string;
  source: string;
  message: string;
  stack_trace: string | null;
  frames: StackFrame[] | null;
}

const CORPUS = import.meta.dirname;
const VARYING = /\[\[(.*?)\]\]/g;

/** All errors of the corpus. See README.md there for how they are written. */
export function readCorpus(): LabelledError[] {
  const files = readdirSync(CORPUS).filter((name) => name.endsWith('.txt'));
  return files.flatMap((name) => readFile(readFileSync(join(CORPUS, name), 'utf8')));
}

function readFile(text: string): LabelledError[] {
  return text
    .split(/^=== /m)
    .slice(1)
    .flatMap((entry) => {
      const end = entry.indexOf('\n');
      const [label, platform, source] = entry.slice(0, end).trim().split(' ') as [string, string, string];
      const body = entry.slice(end + 1).replace(/\n$/, '');
      return variants(body).map((variant) => ({ label, platform, source, ...readBody(variant) }));
    });
}

/** `[[a||b]]` varies from report to report: the first has all the first alternatives, and so on. */
function variants(body: string): string[] {
  const counts = [...body.matchAll(VARYING)].map((match) => match[1]!.split('||').length);
  return Array.from({ length: Math.max(1, ...counts) }, (_, index) =>
    body.replace(VARYING, (_match, inside: string) => {
      const choices = inside.split('||');
      return choices[index % choices.length]!;
    }),
  );
}

function readBody(body: string): Pick<LabelledError, 'message' | 'stack_trace' | 'frames'> {
  const [, message, kind, rest] = /^(.*?)(?:\n---( frames)?\n(.*))?$/s.exec(body)!;
  const frames = kind ? rest!.split('\n').map(frameOf) : null;
  return { message: message!, stack_trace: kind ? null : (rest ?? null), frames };
}

/** `function | module | file | in app | line:column`. */
function frameOf(line: string): StackFrame {
  const [name, module, filename, inApp, place] = line.split(' | ') as [
    string,
    string,
    string,
    string,
    string,
  ];
  const [lineno, colno] = place.split(':').map(Number);
  return {
    function: name,
    module: module === 'null' ? null : module,
    filename,
    abs_path: null,
    lineno: lineno!,
    colno: colno!,
    in_app: inApp === 'true',
  };
}
