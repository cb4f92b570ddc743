import type { SpikeDto } from '../errors/volume/dto/spike.dto.js';

/** What the incident about a flood of errors says when it opens. */
export function spikeText({ source, limit_per_minute, usual_per_minute, peak_per_minute }: SpikeDto): string {
  return (
    `"${source}" reports ${peak_per_minute} errors a minute or more; usual are ${usual_per_minute.toFixed(1)}. ` +
    `Until the flood is over, ${limit_per_minute} a minute are taken, and the first of each error that is new. ` +
    'The others are answered with 429, and counted in the ledger.'
  );
}

/** What it says at the end of the flood. */
export function spikeOverText(spike: SpikeDto | undefined, refused: number): string {
  if (!spike) return 'The flood is over.';
  const { started_at, over_at, peak_per_minute } = spike;
  const minutes = Math.max(1, Math.ceil((over_at.getTime() - started_at.getTime()) / 60_000));
  return (
    `The flood is over. It lasted ${minutes} min, with up to ${peak_per_minute} errors a minute; ` +
    `${refused} were refused since the hour in which it began.`
  );
}
