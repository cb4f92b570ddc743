import { setTimeout as delay } from 'node:timers/promises';
import { DataSource, type QueryRunner } from 'typeorm';
import { CodedException } from '../common/coded-exception.js';
import { type Change, planChanges } from './changes.js';
import { ConfigurationError, type ConfigurationProblem } from './configuration-error.js';
import { type Dependencies, dependenciesFirst } from './dependencies.js';
import { type DeclaredItem, declaredItems, type Section, SECTIONS } from './document-shape.js';
import { EndpointsResource } from './endpoints.resource.js';
import { InterruptedError, type PlannedChanges } from './interrupted-error.js';
import { MaintenanceResource } from './maintenance.resource.js';
import { NameBook } from './name-book.js';
import type { ParsedDocument } from './parse-document.js';
import type { Names, Resource } from './resource.js';
import {
  dependenciesOf,
  problemOf,
  problemsTogether,
  type SectionState,
  settingsOf,
  type WantedItem,
} from './section-state.js';

const TWICE = 'is there twice';

/** Any constant that no other advisory lock of ours uses. */
const APPLY_LOCK = 7_230_021;
const LOCK_RETRY_MS = 200;

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
    if (prune) assertDeclaresSomething(declared);
    const names = await this.nameBook(declared);
    const problems: ConfigurationProblem[] = [];
    const planned: PlannedChanges[] = [];
    let endpoints: SectionState | undefined;
    for (const resource of this.resources) {
      const wanted = await completeAll(resource, declared[resource.section], names, document, problems);
      // While something declared is wrong, nobody can tell what is not.
      const prunes = prune && problems.length === 0;
      const state = { resource, wanted, existing: await resource.existing(names), prune: prunes };
      endpoints ??= state;
      problems.push(...problemsTogether(document, state, endpoints));
      planned.push({ resource, changes: planChanges(settingsOf(wanted), state.existing, prune) });
    }
    if (problems.length > 0) throw new ConfigurationError(problems);
    const dependencies = dependenciesOf(endpoints!);
    return {
      planned: planned.map(({ resource, changes }) => ({
        resource,
        changes: inOrder(changes, dependencies),
      })),
      total: planned.reduce((sum, { changes }) => sum + changes.length, 0),
    };
  }

  /**
   * Carries a plan out, one thing after the other; `onChange` hears of each. Run again, it goes on where it ended.
   * @throws InterruptedError at the first thing that cannot be done
   */
  async carryOut({ planned }: Plan, onChange: () => void = () => undefined): Promise<void> {
    const names = await this.nameBook();
    const made: PlannedChanges[] = [];
    for (const { resource, changes } of planned) {
      const own: Change[] = [];
      made.push({ resource, changes: own });
      for (const change of changes) {
        const id = await carryOut(resource, change, names).catch((error: unknown) => {
          throw new InterruptedError(made, { resource, change }, error);
        });
        if (resource.section === 'endpoints' && id) names.set(change.name, id);
        own.push(change);
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

/** An empty file is a mistake sooner than a wish to be rid of everything. */
function assertDeclaresSomething(declared: Record<Section, DeclaredItem[]>): void {
  if (SECTIONS.some((section) => declared[section].length > 0)) return;
  const message = 'declares no endpoint and no maintenance window: with --prune, everything would be removed';
  throw new ConfigurationError([{ path: '', message: `The file ${message}` }]);
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
): Promise<Map<string, WantedItem>> {
  const wanted = new Map<string, WantedItem>();
  for (const { path, fields } of items) {
    try {
      const settings = await resource.complete(fields, names);
      const key = String(settings[resource.key]);
      if (wanted.has(key))
        problems.push(problemOf(document, path, key, { field: resource.key, message: TWICE }));
      wanted.set(key, { path, settings });
    } catch (error) {
      if (!(error instanceof CodedException)) throw error;
      const details = error.details ?? [{ field: '', message: error.message }];
      problems.push(...details.map((detail) => problemOf(document, path, fields[resource.key], detail)));
    }
  }
  return wanted;
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

/**
 * What others depend on comes first; what is removed goes last. With everything that it depends on in its final state,
 * an endpoint that is written never closes a circle with what the next change would take away.
 */
function inOrder(changes: readonly Change[], dependencies: Dependencies): Change[] {
  const byName = new Map(changes.map((change) => [change.name, change]));
  const ordered = dependenciesFirst(byName.keys(), dependencies).flatMap((name) => byName.get(name) ?? []);
  return (['create', 'update', 'delete'] as const).flatMap((action) =>
    ordered.filter((change) => change.action === action),
  );
}
