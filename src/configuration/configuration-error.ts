/** Something wrong in a configuration file. */
export interface ConfigurationProblem {
  /** Where in the document: `endpoints[2].interval`; empty for the whole of it. */
  path: string;
  message: string;
  /** Name of the endpoint, or title of the window, that it is about. */
  name?: string;
  /** From 1; absent when nothing in the file can be pointed at. */
  line?: number;
  column?: number;
}

/** A configuration that cannot be applied. Every problem is told at once; values are not repeated. */
export class ConfigurationError extends Error {
  constructor(
    readonly problems: readonly ConfigurationProblem[],
    file = 'The configuration',
  ) {
    super([`${file} is not valid; nothing was changed:`, ...problems.map(describe)].join('\n'));
  }
}

function describe({ path, name, message, line, column }: ConfigurationProblem): string {
  const place = line === undefined ? '' : `line ${line}, column ${column}: `;
  return `  ${place}${[path, name && `(${name})`, message].filter(Boolean).join(' ')}`;
}
