import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../../../common/clock.js';
import { CodedException } from '../../../../common/coded-exception.js';
import { Bus } from '../../../../realtime/bus.js';
import { checkRules } from './check-rules.js';
import type { GroupingRules } from './grouping-rules.js';
import type { GroupingRulesDto, PutGroupingRulesBody } from './grouping-rules.dto.js';
import { RuleBook } from './rule-book.js';

/** Earlier versions that are kept. */
const KEPT_VERSIONS = 20;

/** Stores only if the version that was changed is still the one that holds. */
const STORE_RULES = `
  INSERT INTO grouping_rule_sets (version, rules, in_app, created_at)
  SELECT held.version + 1, $1, $2, $3 FROM (SELECT coalesce(max(version), 0) AS version FROM grouping_rule_sets) AS held
  WHERE $4::int IS NULL OR held.version = $4
  ON CONFLICT DO NOTHING RETURNING version`;

/** Changes the rules on how errors are grouped. Errors that are stored stay in their groups. */
@Injectable()
export class GroupingRulesService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly book: RuleBook,
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  async get(): Promise<GroupingRulesDto> {
    const { version, rules, in_app, created_at } = await this.book.read();
    return { version, rules, in_app, updated_at: created_at };
  }

  /** @throws CodedException `VALIDATION_FAILED`, `CONFLICT` (somebody else has changed them meanwhile) */
  async put({ rules, in_app, version }: PutGroupingRulesBody): Promise<GroupingRulesDto> {
    checkRules({ rules, in_app });
    const stored = await this.store({ rules, in_app }, version ?? null);
    if (stored === undefined)
      throw new CodedException('CONFLICT', 'Somebody else has changed the grouping rules. Read them again.');
    await this.dataSource.query('DELETE FROM grouping_rule_sets WHERE version < $1', [
      stored - KEPT_VERSIONS,
    ]);
    await this.book.refresh();
    void this.bus.publish('grouping.rules_changed', { version: stored });
    return this.get();
  }

  private async store({ rules, in_app }: GroupingRules, version: number | null): Promise<number | undefined> {
    const [row] = await this.dataSource.query<{ version: number }[]>(STORE_RULES, [
      JSON.stringify(rules),
      JSON.stringify(in_app),
      this.clock.now(),
      version,
    ]);
    return row?.version;
  }
}
