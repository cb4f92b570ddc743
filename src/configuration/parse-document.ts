import { isScalar, LineCounter, parse, parseDocument as parseYaml, Scalar, visit } from 'yaml';
import type { Document } from 'yaml';
import { ConfigurationError, type ConfigurationProblem } from './configuration-error.js';
import { substitute } from './substitute.js';

/** Larger files are a mistake. In characters. */
const MAX_LENGTH = 20 * 1024 * 1024;

export type DocumentPath = readonly (string | number)[];

/** A YAML (or JSON) file that has been read, and where things stand in it. */
export interface ParsedDocument {
  content: unknown;
  /** A problem with what is at `path`, or with the nearest thing above it that is in the file. */
  problemAt(path: DocumentPath, message: string): ConfigurationProblem;
}

/**
 * Reads YAML and puts environment variables into its values, after the file has been taken apart: whatever is in a
 * variable, it cannot change the file's structure. An unquoted value that is replaced is read as YAML would read it,
 * so that `retries: ${RETRIES}` is a number. Without an environment, references stay as they are.
 * @throws ConfigurationError with the place of every problem
 */
export function parseDocument(
  text: string,
  environment?: Readonly<Record<string, string | undefined>>,
): ParsedDocument {
  if (text.length > MAX_LENGTH)
    throw new ConfigurationError([{ path: '', message: 'The file is too large' }]);
  const lines = new LineCounter();
  const document = parseYaml(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    merge: true,
  });
  const problems = document.errors.map((error) => ({
    path: '',
    message: error.message,
    ...placeOf(lines, error.pos[0]),
  }));
  if (environment) problems.push(...fillIn(document, lines, environment));
  if (problems.length > 0) throw new ConfigurationError(problems);
  return {
    content: contentOf(document),
    problemAt: (path, message) => ({ path: wordsOf(path), message, ...nearest(document, lines, path) }),
  };
}

/** A few lines of aliases of aliases can stand for more than any memory holds. */
function contentOf(document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: 1_000 }) as unknown;
  } catch {
    throw new ConfigurationError([{ path: '', message: 'Its aliases stand for too much' }]);
  }
}

/** `['endpoints', 2, 'url']` → `endpoints[2].url` */
export function wordsOf(path: DocumentPath): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join('');
}

function fillIn(
  document: Document.Parsed,
  lines: LineCounter,
  environment: Readonly<Record<string, string | undefined>>,
): ConfigurationProblem[] {
  const problems: ConfigurationProblem[] = [];
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('${')) return;
      const { text, missing } = substitute(node.value, environment);
      for (const name of missing) {
        const message = `The environment variable ${name} is not set`;
        problems.push({ path: '', message, ...placeOf(lines, node.range?.[0]) });
      }
      node.value = node.type === Scalar.PLAIN ? plainValue(text) : text;
    },
  });
  return problems;
}

/** As YAML reads an unquoted value; what would be more than a value stays text. */
function plainValue(text: string): unknown {
  try {
    const value = parse(text) as unknown;
    return typeof value === 'object' && value !== null ? text : value;
  } catch {
    return text;
  }
}

function nearest(
  document: Document.Parsed,
  lines: LineCounter,
  path: DocumentPath,
): { line?: number; column?: number } {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as
      { range?: [number, number, number] } | undefined;
    if (node?.range && (isScalar(node) || length > 0)) return placeOf(lines, node.range[0]);
  }
  return {};
}

function placeOf(lines: LineCounter, offset: number | undefined): { line?: number; column?: number } {
  if (offset === undefined) return {};
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}
