import { cpus, release, totalmem, type } from 'node:os';

/** What a machine reads: the result with everything needed to compare it with another one. */
export function report(benchmark, options, result) {
  return { benchmark, at: new Date().toISOString(), machine: machine(), options, ...result };
}

/** One line about the machine, for people. */
export function machineNote() {
  const { cpu, cores, memory_gib, system, node } = machine();
  return `${cores} × ${cpu}, ${memory_gib} GiB, ${system}, Node ${node}`;
}

/** Goes to stderr: stdout carries the result alone. */
export function progress(line) {
  process.stderr.write(`${line}\n`);
}

/** Aligned columns; the first is text, the others are numbers. */
export function table(header, rows) {
  const lines = [header, ...rows].map((row) => row.map((cell) => String(cell ?? '–')));
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => align(cell, widths[column], column === 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A number for a table; undefined (not measurable here) shows as a dash. */
export function figure(value, digits = 0) {
  return value === undefined || value === null
    ? undefined
    : value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function align(cell, width, left) {
  return left ? cell.padEnd(width) : cell.padStart(width);
}

function machine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memory_gib: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.versions.node,
  };
}
