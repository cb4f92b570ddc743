#!/usr/bin/env node
import { Logger } from '@nestjs/common';
import { Command, InvalidArgumentError, Option } from 'commander';
import { applyFile, type ApplyOptions, exportFile, importFile } from './cli/configuration.js';
import { createApiKey } from './cli/create-api-key.js';
import { migrate } from './cli/migrate.js';
import { writeOpenApi } from './cli/openapi.js';
import { runChecks, type RunChecksOptions } from './cli/run-checks.js';
import { setUp } from './cli/setup.js';
import { exportData, importData } from './cli/transfer.js';
import { uploadSourceMaps, type UploadOptions } from './cli/upload-source-maps.js';
import { KEY_RIGHTS, type KeyPermission } from './common/access.js';
import { StructuredLogger } from './common/logger.js';
import { parseTime } from './common/time.js';
import { type Config, loadConfig } from './config/config.js';
import { withRunningInstance } from './running-instance.js';
import { explainStartFailure } from './start-failure.js';

const program = new Command('watchkeep').description(
  'Watches endpoints, collects errors, opens incidents, shows a status page.',
);

program
  .command('setup')
  .description('Prepare the database: schema, first endpoints, first API key, set-up link')
  .option('--json', 'print the result as JSON')
  .action(async ({ json }: { json?: boolean }) => print(await setUp(await config(), json ?? false)));

program
  .command('migrate')
  .description('Bring the schema up to date')
  .action(async () => print(await migrate(await config())));

program
  .command('create-api-key')
  .description('Make an API key and print it, once')
  .requiredOption('--name <name>', 'what the key is for')
  .option('--permissions <list>', 'any of read, write, ingest, admin, separated by commas', permissions, [
    'read',
  ])
  .option('--sources <list>', 'sources that it may report errors for, separated by commas', words, [])
  .option('--expires-at <time>', 'when it ends by itself, in ISO 8601', time)
  .action(
    async (options: { name: string; permissions: KeyPermission[]; sources: string[]; expiresAt?: Date }) =>
      print(await createApiKey(await config(), { ...options, expires_at: options.expiresAt })),
  );

program
  .command('apply <file>')
  .description('Make endpoints and maintenance windows agree with a configuration file (YAML)')
  .option('--dry-run', 'only show what would change')
  .option('--prune', 'also remove what an earlier file declared and this one does not')
  .action(async (file: string, options: ApplyOptions) =>
    print(await applyFile(await config(), file, options)),
  );

program
  .command('export')
  .description('Write endpoints and maintenance windows as a configuration file')
  .option('--output <file>', 'the file; standard output when left out')
  .option('--secrets', 'with secrets in it; else references to environment variables stand for them')
  .action(async (options: { output?: string; secrets?: boolean }) =>
    print(await exportFile(await config(), options)),
  );

program
  .command('import <file>')
  .description('Take over a backup of Uptime Kuma (JSON) or a configuration of Gatus (YAML)')
  .option('--output <file>', 'only write a configuration file to look at and apply')
  .option('--dry-run', 'only show what would change')
  .action(async (file: string, options: { output?: string; dryRun?: boolean }) =>
    print(await importFile(await config(), file, options)),
  );

program
  .command('export-data <file>')
  .description(
    'Write everything that is stored to a file: errors, checks, incidents, settings (gzip when it ends in .gz)',
  )
  .option(
    '--secrets',
    'with secrets in it, encrypted: only an instance with the same SECRET_KEY can import it',
  )
  .action(async (file: string, options: { secrets?: boolean }) =>
    print(await exportData(await config(), file, options)),
  );

program
  .command('import-data <file>')
  .description('Take over what export-data has written into an empty instance, whole or not at all')
  .action(async (file: string) => print(await importData(await config(), file)));

program
  .command('run-checks')
  .description('Check every endpoint that is enabled, now; exit code 1 when something is down')
  .option('--endpoint <name>', 'only this one')
  .option('--collect-metrics', 'also store the figures of this machine')
  .action(async (options: RunChecksOptions) => {
    const { text, down } = await runChecks(await config(), options);
    await print(text);
    if (down > 0) process.exitCode = 1;
  });

program
  .command('upload-source-maps <folder>')
  .description('Send the source maps of a release to an instance, which reads stack traces with them')
  .addOption(new Option('--url <url>', 'where the instance is').env('WATCHKEEP_URL').makeOptionMandatory())
  .addOption(
    new Option('--key <key>', 'an API key that may write').env('WATCHKEEP_API_KEY').makeOptionMandatory(),
  )
  .requiredOption('--source <source>', 'the program that reports')
  .requiredOption('--release <version>', 'its version, as its reports name it')
  .option('--dist <dist>', 'which of several builds of the version')
  .option('--url-prefix <prefix>', 'where browsers load the folder from, on any host', '~/')
  .action(async (folder: string, options: UploadOptions) => print(await uploadSourceMaps(folder, options)));

program
  .command('openapi')
  .description('Write the API document to openapi/openapi.json')
  .option('--check', 'change nothing; fail when the file is out of date')
  .action(async ({ check }: { check?: boolean }) => print(await writeOpenApi(check ?? false)));

async function config(): Promise<Config> {
  const loaded = await withRunningInstance(loadConfig());
  // A command says itself what went wrong, once.
  Logger.overrideLogger(
    new StructuredLogger({ level: 'fatal', format: loaded.LOG_FORMAT, name: 'cli', stream: 'stderr' }),
  );
  return loaded;
}

function words(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
}

function permissions(text: string): KeyPermission[] {
  const known = Object.keys(KEY_RIGHTS);
  const wanted = words(text);
  if (wanted.length === 0 || !wanted.every((word) => known.includes(word)))
    throw new InvalidArgumentError(`Choose from ${known.join(', ')}.`);
  return wanted as KeyPermission[];
}

function time(text: string): Date {
  const parsed = parseTime(text);
  if (!parsed) throw new InvalidArgumentError('Write it as 2030-12-31T23:59:59Z.');
  return parsed;
}

/** Resolves once it is written: a process that ends before has cut off what goes into a pipe. */
function print(text: string, stream: NodeJS.WriteStream = process.stdout): Promise<void> {
  return new Promise((resolve) => stream.write(`${text}\n`, () => resolve()));
}

try {
  await program.parseAsync();
  process.exit(process.exitCode ?? 0);
} catch (error) {
  await print(explainStartFailure(error), process.stderr);
  process.exit(1);
}
