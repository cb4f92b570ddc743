const QUERY = /[?#].*$/s;
const SCHEME = /^[a-z][a-z\d+.-]*:\/\/[^/]*/i;
/** Longest path that is looked up or stored. */
export const MAX_SCRIPT_PATH = 500;

/**
 * What a script is stored and looked up under: `~/static/app.js` for that path on any host, on disk, or within an app
 * (`https://shop.example.com/static/app.js?v=1`, `/static/app.js`, `app:///static/app.js`). Undefined: not a path from a root.
 */
export function scriptPath(file: string): string | undefined {
  if (file.length > MAX_SCRIPT_PATH * 2) return undefined;
  const path = file.replace(QUERY, '').replace(SCHEME, '');
  const rooted = path.startsWith('~/') ? path : path.startsWith('/') ? `~${path}` : undefined;
  return rooted !== undefined && rooted.length <= MAX_SCRIPT_PATH ? rooted : undefined;
}
