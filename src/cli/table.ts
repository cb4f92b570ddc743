import { stripVTControlCharacters } from 'node:util';

/** Columns side by side, two spaces apart; what is in colour counts for what is seen of it. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => width(row[column] ?? ''))),
  );
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell + ' '.repeat(widths[column]! - width(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function width(cell: string): number {
  return [...stripVTControlCharacters(cell)].length;
}
