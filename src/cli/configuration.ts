import { readFile, writeFile } from 'node:fs/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { stringify } from 'yaml';
import { AddressGuard } from '../common/outgoing/address-guard.js';
import type { Config } from '../config/config.js';
import { commandEnvironment } from '../config/config.js';
import { ApplyService } from '../configuration/apply.service.js';
import { ConfigurationError } from '../configuration/configuration-error.js';
import { describeChanges } from '../configuration/describe-changes.js';
import { EndpointsResource } from '../configuration/endpoints.resource.js';
import { exportDocument } from '../configuration/export-document.js';
import { importGatus, isGatusConfiguration } from '../configuration/import/gatus.js';
import type { Imported } from '../configuration/import/imported.js';
import { leaveOutUnusable } from '../configuration/import/leave-out-unusable.js';
import { importUptimeKuma, isUptimeKumaBackup } from '../configuration/import/uptime-kuma.js';
import { InterruptedError } from '../configuration/interrupted-error.js';
import { literal } from '../configuration/substitute.js';
import { MaintenanceResource } from '../configuration/maintenance.resource.js';
import { type ParsedDocument, parseDocument } from '../configuration/parse-document.js';
import { MaintenanceService } from '../modules/maintenance/maintenance.service.js';
import { EndpointSecretsBox } from '../modules/monitoring/endpoints/endpoint-secrets.js';
import { EndpointsService } from '../modules/monitoring/endpoints/endpoints.service.js';
import { withApplication } from './with-application.js';
import { withProgress } from './with-progress.js';

/** From so many changes on, a bar shows how far it is. */
const SHOW_PROGRESS_FROM = 50;

export interface ApplyOptions {
  dryRun?: boolean;
  prune?: boolean;
}

/** `watchkeep apply FILE` */
export async function applyFile(config: Config, file: string, options: ApplyOptions): Promise<string> {
  const document = await readDocument(file, commandEnvironment());
  return withApplication(config, (app) => apply(app, file, document, options));
}

/** `watchkeep export`: the file’s text, or where it was written. */
export async function exportFile(
  config: Config,
  { output, secrets = false }: { output?: string; secrets?: boolean },
): Promise<string> {
  const text = await withApplication(config, async (app) => {
    const { resources, service } = partsOf(app);
    return exportDocument(resources, await service.names(), { withSecrets: secrets });
  });
  if (output === undefined) return text.trimEnd();
  await writeFile(output, text, { mode: secrets ? 0o600 : 0o644 });
  return `${output} is written.`;
}

/** `watchkeep import FILE`: takes over what another tool watches, or writes it down as a configuration file. */
export async function importFile(
  config: Config,
  file: string,
  { output, dryRun }: { output?: string; dryRun?: boolean },
): Promise<string> {
  const { document, write, warnings } = converted((await readDocument(file)).content, file);
  const notes = warnings.map((warning) => `! ${warning}`);
  if (output !== undefined) {
    await writeFile(output, write(document), { mode: 0o600 });
    return [...notes, `${output} is written; look at it, then: npx watchkeep apply ${output}`].join('\n');
  }
  return withApplication(config, async (app) => {
    const { service } = partsOf(app);
    const usable = await leaveOutUnusable(document, async (some) => {
      await service.plan(readBack(write(some)), false);
    });
    const leftOut = usable.warnings.map((warning) => `! ${warning}`);
    const result = await apply(app, file, readBack(write(usable.document)), { dryRun });
    return [...notes, ...leftOut, result].join('\n');
  });
}

/** In Gatus, too, `${NAME}` is a variable; in Uptime Kuma it means itself. */
function converted(
  content: unknown,
  file: string,
): Imported & { write: (document: Imported['document']) => string } {
  if (isUptimeKumaBackup(content)) {
    return { ...importUptimeKuma(content), write: (document) => literal(written(document)) };
  }
  if (isGatusConfiguration(content)) return { ...importGatus(content), write: written };
  const message = 'It is neither a backup of Uptime Kuma nor a configuration of Gatus';
  throw new ConfigurationError([{ path: '', message }], file);
}

/** What was converted, as `apply` reads it. */
function readBack(text: string): ParsedDocument {
  return parseDocument(text, commandEnvironment());
}

function written(document: Imported['document']): string {
  return stringify(document, { lineWidth: 120 });
}

async function apply(
  app: INestApplicationContext,
  file: string,
  document: ParsedDocument,
  { dryRun = false, prune = false }: ApplyOptions,
): Promise<string> {
  const { service } = partsOf(app);
  return service.alone(() => applied(service, file, document, { dryRun, prune }));
}

async function applied(
  service: ApplyService,
  file: string,
  document: ParsedDocument,
  { dryRun, prune }: Required<ApplyOptions>,
): Promise<string> {
  const plan = await service.plan(document, prune).catch((error: unknown) => {
    throw error instanceof ConfigurationError ? new ConfigurationError(error.problems, file) : error;
  });
  if (plan.total === 0) return 'Nothing to change.';
  const lines = plan.planned.flatMap(({ resource, changes }) => describeChanges(resource.noun, changes));
  if (dryRun) return [...lines, `${counted(plan.total)} would be made.`].join('\n');
  await withProgress(plan.total, plan.total >= SHOW_PROGRESS_FROM, (step) =>
    service.carryOut(plan, step),
  ).catch((error: unknown) => {
    if (!(error instanceof InterruptedError)) throw error;
    throw new InterruptedError(error.made, error.failed, error.cause, file);
  });
  return [...lines, `${counted(plan.total)} made.`].join('\n');
}

function counted(changes: number): string {
  return changes === 1 ? '1 change' : `${changes} changes`;
}

async function readDocument(
  file: string,
  environment?: Readonly<Record<string, string | undefined>>,
): Promise<ParsedDocument> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${file} cannot be read (${error.code ?? error.message}).`);
  });
  try {
    return parseDocument(text, environment);
  } catch (error) {
    throw error instanceof ConfigurationError ? new ConfigurationError(error.problems, file) : error;
  }
}

function partsOf(app: INestApplicationContext) {
  const dataSource = app.get(DataSource);
  const endpoints = new EndpointsResource(
    dataSource,
    app.get(EndpointSecretsBox),
    app.get(EndpointsService),
    app.get(AddressGuard),
  );
  const maintenance = new MaintenanceResource(dataSource, app.get(MaintenanceService));
  return {
    resources: [endpoints, maintenance],
    service: new ApplyService(dataSource, endpoints, maintenance),
  };
}
