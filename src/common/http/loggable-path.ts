const PUSH_TOKEN = /^(\/api\/push\/)[^/]+/i;

/** A path as it may stand in the log: whoever has the token of a push address may report in the name of its endpoint. */
export function loggablePath(path: string): string {
  return path.replace(PUSH_TOKEN, '$1***');
}
