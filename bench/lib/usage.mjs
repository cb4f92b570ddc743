import { readdirSync, readFileSync } from 'node:fs';

/** `/proc` counts in hundredths of a second (USER_HZ) on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/**
 * CPU seconds so far, in user and kernel, of a process, of its living descendants and of the children it has buried:
 * of PostgreSQL the server with all its backends. Undefined where there is no `/proc`.
 */
function cpuSeconds(pid) {
  const all = processes();
  const root = all.get(pid);
  if (!root) return undefined;
  const ticks = family(pid, all).reduce((sum, entry) => sum + entry.own, root.buried);
  return ticks / TICKS_PER_SECOND;
}

/** Differences of {@link cpuSeconds} since this call, by name. */
export function cpuMeter(pids) {
  const read = () => Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuSeconds(pid)]));
  const before = read();
  return () =>
    Object.fromEntries(Object.entries(read()).map(([name, now]) => [name, subtract(now, before[name])]));
}

/** Peak resident memory of one process, in MiB. */
export function peakMemory(pid) {
  return mebibytes(readOrUndefined(`/proc/${pid}/status`), /^VmHWM:\s+(\d+) kB/m);
}

/** Memory of a process and its descendants now, in MiB, with what they share counted once (PostgreSQL’s buffers). */
export function familyMemory(pid) {
  const all = processes();
  if (!all.has(pid)) return undefined;
  const sizes = family(pid, all).map((entry) =>
    mebibytes(readOrUndefined(`/proc/${entry.pid}/smaps_rollup`), /^Pss:\s+(\d+) kB/m),
  );
  return sizes.includes(undefined) ? undefined : sizes.reduce((sum, size) => sum + size, 0);
}

function family(pid, all) {
  const children = [...all.values()].filter((entry) => entry.parent === pid);
  return [all.get(pid), ...children.flatMap((entry) => family(entry.pid, all))];
}

function processes() {
  const found = new Map();
  for (const name of listProc()) {
    const stat = /^\d+$/.test(name) ? readOrUndefined(`/proc/${name}/stat`) : undefined;
    if (stat) found.set(Number(name), parseStat(Number(name), stat));
  }
  return found;
}

/** The name of the program, in brackets, may hold anything: the numbers begin after the last bracket. */
function parseStat(pid, stat) {
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  return { pid, parent: fields[1], own: fields[11] + fields[12], buried: fields[13] + fields[14] };
}

function listProc() {
  try {
    return readdirSync('/proc');
  } catch {
    return [];
  }
}

function readOrUndefined(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function mebibytes(text, pattern) {
  const kibibytes = pattern.exec(text ?? '')?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) / 1024;
}

function subtract(now, before) {
  return now === undefined || before === undefined ? undefined : now - before;
}
