import type { Dirent } from 'node:fs';
import { access, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { withProgress } from './with-progress.js';

export interface UploadOptions {
  url: string;
  key: string;
  source: string;
  release: string;
  dist?: string;
  urlPrefix: string;
}

/** A script with its source map. */
interface Script {
  /** Relative to the folder, with slashes. */
  name: string;
  mapFile: string;
  debugId: string | undefined;
}

const SCRIPT = /\.[cm]?js$/;
/** Both stand in the last lines of a script (ECMA-426 §11.1.2.1; TC39 debug id proposal). */
const MAP_COMMENT = /^\/\/[#@] sourceMappingURL=(\S+)\s*$/m;
const DEBUG_ID_COMMENT = /^\/\/# debugId=([\da-f-]{32,36})\s*$/im;
const TAIL = 4_096;
const AT_ONCE = 4;
const ATTEMPTS = 5;
const SHOW_PROGRESS_FROM = 20;
const compress = promisify(gzip);

/** `watchkeep upload-source-maps FOLDER`: sends the source map of every script in a folder to an instance. */
export async function uploadSourceMaps(folder: string, options: UploadOptions): Promise<string> {
  const { scripts, without } = await scriptsIn(folder);
  if (scripts.length === 0) throw new Error(`${folder} holds no script with a source map beside it.`);
  let bytes = 0;
  await withProgress(scripts.length, scripts.length >= SHOW_PROGRESS_FROM, async (step) => {
    const left = [...scripts];
    const work = async (): Promise<void> => {
      for (let script = left.shift(); script; script = left.shift()) {
        bytes += await upload(script, options);
        step();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  });
  const lines = scripts.map(({ name }) => `+ ${scriptUrl(name, options.urlPrefix)}`);
  for (const name of without) lines.push(`! ${name} has no source map`);
  const of = `${options.source} ${options.release}`;
  lines.push(
    `${scripts.length} source map${scripts.length === 1 ? '' : 's'} of ${of} stored, ${bytes} bytes.`,
  );
  return lines.join('\n');
}

async function scriptsIn(folder: string): Promise<{ scripts: Script[]; without: string[] }> {
  const entries: Dirent[] = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      throw new Error(`${folder} cannot be read (${error.code ?? error.message}).`);
    },
  );
  const scripts: Script[] = [];
  const without: string[] = [];
  for (const entry of entries) {
    if (!entry.isFile() || !SCRIPT.test(entry.name)) continue;
    const file = path.join(entry.parentPath, entry.name);
    const name = path.relative(folder, file).split(path.sep).join('/');
    const tail = (await readFile(file, 'utf8')).slice(-TAIL);
    const mapFile = await mapOf(file, MAP_COMMENT.exec(tail)?.[1]);
    if (mapFile === undefined) without.push(name);
    else scripts.push({ name, mapFile, debugId: DEBUG_ID_COMMENT.exec(tail)?.[1] });
  }
  return { scripts, without };
}

/** The file that the script names, else the one that is called like it. */
async function mapOf(script: string, named: string | undefined): Promise<string | undefined> {
  const names = [`${path.basename(script)}.map`];
  if (named !== undefined && !named.includes(':')) names.unshift(decodeURIComponent(named));
  for (const name of names) {
    const file = path.resolve(path.dirname(script), name);
    const isThere = await access(file).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  return undefined;
}

async function upload({ name, mapFile, debugId }: Script, options: UploadOptions): Promise<number> {
  const map = await readFile(mapFile);
  const { source, release, dist, urlPrefix, key } = options;
  const address = new URL('api/source-maps', options.url.endsWith('/') ? options.url : `${options.url}/`);
  const place = { source, release, ...(dist !== undefined && { dist }), path: scriptUrl(name, urlPrefix) };
  address.search = new URLSearchParams({ ...place, ...(debugId && { debug_id: debugId }) }).toString();
  const request = {
    method: 'POST',
    headers: { 'X-API-Key': key, 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' },
    body: new Uint8Array(await compress(map)),
  };
  for (let attempt = 1; ; attempt++) {
    const response = await send(address, request);
    if (response.ok) return map.length;
    const mayPass = response.status === 429 || response.status === 503;
    if (!mayPass || attempt === ATTEMPTS) throw new Error(`${name}: ${await reasonOf(response)}`);
    await sleep(1_000 * (Number(response.headers.get('retry-after')) || attempt));
  }
}

async function send(address: URL, request: RequestInit): Promise<Response> {
  try {
    return await fetch(address, request);
  } catch (error) {
    const cause = (error as Error).cause;
    const reason = cause instanceof Error ? cause.message : (error as Error).message;
    throw new Error(`${address.origin} cannot be reached: ${reason}`, { cause: error });
  }
}

async function reasonOf(response: Response): Promise<string> {
  const text = await response.text();
  try {
    return (JSON.parse(text) as { error: string }).error;
  } catch {
    return `${response.status} ${response.statusText}`;
  }
}

function scriptUrl(name: string, prefix: string): string {
  return `${prefix.replace(/\/+$/, '')}/${name}`;
}
