import { setTimeout as delay } from 'node:timers/promises';
import { DataSource, type QueryRunner } from 'typeorm';
import { CodedException } from '../common/coded-exception.js';
import { type Change, type Declared, planChanges } from './changes.js';
import { ConfigurationError, type ConfigurationProblem } from './configuration-error.js';
import { type DeclaredItem, declaredItems, type Section } from './document-shape.js';
import { EndpointsResource } from './endpoints.resource.js';
import { MaintenanceResource } from './maintenance.resource.js';
import { NameBook } from './name-book.js';
import type { ParsedDocument } from './parse-document.js';
import type { Names, Resource } from './resource.js';

/** Any constant that no other advisory lock of ours uses. */
const APPLY_LOCK = 7_230_021;
const LOCK_RETRY_MS = 200;

export interface PlannedChanges {
  resource: Resource;
  changes: Change[];
}

export interface Plan {
  planned: PlannedChanges[];
  /** How many changes there are in all. */
  total: number;
}

/** Makes what is there agree with a configuration file. */
export class ApplyService {
  private readonly resources: readonly Resource[];

  constructor(
    private readonly dataSource: DataSource,
    endpoints: EndpointsResource,
    maintenance: MaintenanceResource,
  ) {
    // Maintenance names endpoints, so these come first.
    this.resources = [endpoints, maintenance];
  }

  /**
   * Runs `work` while nobody else applies a file to this database: two who find the same window missing would both make
   * it. A watched file is applied when it is saved, which is when its author does so by hand.
   */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    const connection = this.dataSource.createQueryRunner();
    try {
      while (!(await tryLock(connection))) await delay(LOCK_RETRY_MS);
      return await work();
    } finally {
      await connection.query('SELECT pg_advisory_unlock($1)', [APPLY_LOCK]);
      await connection.release();
    }
  }

  /**
   * What would have to change. The whole file is checked before anything is.
   * @throws ConfigurationError with every problem
   */
  async plan(document: ParsedDocument, prune: boolean): Promise<Plan> {
    const declared = declaredItems(document);
    const names = await this.nameBook(declared);
    const problems: ConfigurationProblem[] = [];
    const planned: PlannedChanges[] = [];
    for (const resource of this.resources) {
      const wanted = await completeAll(resource, declared[resource.section], names, document, problems);
      if (problems.length > 0) continue;
      planned.push({ resource, changes: planChanges(wanted, await resource.existing(names), prune) });
    }
    if (problems.length > 0) throw new ConfigurationError(problems);
    return { planned, total: planned.reduce((sum, { changes }) => sum + changes.length, 0) };
  }

  /** Carries a plan out, one thing after the other; `onChange` hears of each. Run again, it goes on where it ended. */
  async carryOut({ planned }: Plan, onChange: () => void = () => undefined): Promise<void> {
    const names = await this.nameBook();
    for (const { resource, changes } of planned) {
      for (const change of inOrder(changes)) {
        const id = await carryOut(resource, change, names);
        if (resource.section === 'endpoints' && id) names.set(change.name, id);
        onChange();
      }
    }
  }

  /** Names of the endpoints that exist. */
  names(): Promise<Names> {
    return this.nameBook();
  }

  private async nameBook(declared?: Record<Section, DeclaredItem[]>): Promise<NameBook> {
    const rows = await this.dataSource.query<{ id: string; name: string }[]>(
      'SELECT id, name FROM endpoints',
    );
    const coming = declared?.endpoints.flatMap(({ fields: { name } }) =>
      typeof name === 'string' ? [name] : [],
    );
    return new NameBook(
      rows.map(({ id, name }) => [name, id] as const),
      coming,
    );
  }
}

async function tryLock(connection: QueryRunner): Promise<boolean> {
  const [row] = (await connection.query('SELECT pg_try_advisory_lock($1) AS locked', [APPLY_LOCK])) as {
    locked: boolean;
  }[];
  return row!.locked;
}

async function completeAll(
  resource: Resource,
  items: readonly DeclaredItem[],
  names: NameBook,
  document: ParsedDocument,
  problems: ConfigurationProblem[],
): Promise<Map<string, Declared>> {
  const wanted = new Map<string, Declared>();
  for (const { path, fields } of items) {
    try {
      const settings = await resource.complete(fields, names);
      const key = String(settings[resource.key]);
      if (wanted.has(key)) problems.push(document.problemAt([...path, resource.key], 'is there twice'));
      wanted.set(key, settings);
    } catch (error) {
      if (!(error instanceof CodedException)) throw error;
      const details = error.details ?? [{ field: '', message: error.message }];
      problems.push(
        ...details.map(({ field, message }) => document.problemAt([...path, ...partsOf(field)], message)),
      );
    }
  }
  return wanted;
}

/** `options.schedule.cron` → its parts, numbers as such. */
function partsOf(field: string): (string | number)[] {
  return field
    .split(/[.[\]]+/)
    .filter(Boolean)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

async function carryOut(resource: Resource, change: Change, names: NameBook): Promise<string | undefined> {
  switch (change.action) {
    case 'create':
      return resource.create(change.settings, names);
    case 'update':
      await resource.update(change.id, change.settings, names);
      return change.id;
    case 'delete':
      await resource.delete(change.id);
      return undefined;
  }
}

/** What others depend on comes first; what is removed goes last. */
function inOrder(changes: readonly Change[]): Change[] {
  const creations = new Map(
    changes.filter(({ action }) => action === 'create').map((change) => [change.name, change] as const),
  );
  const ordered: Change[] = [];
  const place = (change: Change): void => {
    if (!creations.delete(change.name)) return;
    for (const name of dependenciesOf(change)) {
      const dependency = creations.get(name);
      if (dependency) place(dependency);
    }
    ordered.push(change);
  };
  for (const change of creations.values()) place(change);
  const rank = { create: 0, update: 1, delete: 2 };
  const rest = changes.filter(({ action }) => action !== 'create');
  return [...ordered, ...rest.sort((a, b) => rank[a.action] - rank[b.action])];
}

function dependenciesOf(change: Change): string[] {
  const given = change.action === 'create' ? change.settings['depends_on'] : undefined;
  return Array.isArray(given) ? (given as string[]) : [];
}
