import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { DataSource } from 'typeorm';
import type { Config } from '../config/config.js';
import { estimatedRows } from '../modules/transfer/estimated-rows.js';
import { TransferService } from '../modules/transfer/transfer.service.js';
import { withApplication } from './with-application.js';
import { withProgress } from './with-progress.js';

const MEBIBYTE = 1024 * 1024;
const STEP_ROWS = 1_000;

/** `watchkeep export-data FILE`: what was written. Until it is whole, the file has another name. */
export function exportData(
  config: Config,
  file: string,
  { secrets = false }: { secrets?: boolean },
): Promise<string> {
  return withApplication(config, async (app) => {
    const steps = Math.ceil((await estimatedRows(app.get(DataSource))) / STEP_ROWS);
    const part = `${file}.part`;
    const rows = await withProgress(steps, steps > 10, async (step) => {
      const count = counting(STEP_ROWS, step);
      const lines = Readable.from(app.get(TransferService).everything(secrets, count.add), {
        highWaterMark: 1,
      });
      const output = createWriteStream(part, { mode: 0o600 });
      await (file.endsWith('.gz') ? pipeline(lines, createGzip(), output) : pipeline(lines, output));
      return count.total();
    }).catch(async (error: unknown) => {
      await rm(part, { force: true });
      throw error;
    });
    await rename(part, file);
    return `${file} is written: ${rows} rows${secrets ? ', secrets among them, encrypted' : ', without secrets'}.`;
  });
}

/** `watchkeep import-data FILE`: what was taken over. */
export function importData(config: Config, file: string): Promise<string> {
  return withApplication(config, async (app) => {
    const { size } = await stat(file);
    const counts = await withProgress(Math.ceil(size / MEBIBYTE), size > 4 * MEBIBYTE, (step) => {
      let done = 0;
      return app.get(TransferService).import(file, (bytes) => {
        for (; done < Math.ceil(bytes / MEBIBYTE); done++) step();
      });
    });
    const lines = Object.entries(counts).map(([type, count]) => `${type}: ${count}`);
    return [...lines, `${file} is taken over.`].join('\n');
  });
}

/** Steps once for so many rows. */
function counting(rows: number, step: () => void): { add: (more: number) => void; total: () => number } {
  let total = 0;
  let stepped = 0;
  return {
    add: (more) => {
      total += more;
      for (; stepped < Math.floor(total / rows); stepped++) step();
    },
    total: () => total,
  };
}
