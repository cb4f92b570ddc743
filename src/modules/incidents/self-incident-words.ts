import type { NetworkLoss } from '../workers/workers.reader.js';

/** What the incident says when it opens. */
export function lostText(losses: readonly NetworkLoss[]): string {
  const [{ host, region, since }] = losses as [NetworkLoss, ...NetworkLoss[]];
  const others = losses.length - 1;
  const who = `Worker ${host} (region ${region})${others === 0 ? '' : ` and ${count(others, 'other')}`}`;
  return (
    `${who} lost the network at ${since.toISOString()}: most checks fail, and no witness answers. ` +
    'Failures count as not measured until the network is back.'
  );
}

/** What it says while more and more endpoints cannot be measured. */
export function heldText(endpoints: number, workers: number): string {
  return `${count(endpoints, 'endpoint')} held so far; ${count(workers, 'worker')} without network.`;
}

/** What it says at its end. `milliseconds` is how long it lasted. */
export function backText(milliseconds: number, endpoints: number): string {
  return `The network is back after ${span(milliseconds)}. ${count(endpoints, 'endpoint')} had been held.`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1_000));
  const units = [
    [Math.floor(seconds / 3_600), 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const shown = units.filter(([value]) => value > 0).slice(0, 2);
  return shown.length === 0 ? '0 s' : shown.map(([value, unit]) => `${value} ${unit}`).join(' ');
}
