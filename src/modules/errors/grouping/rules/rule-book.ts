import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Bus } from '../../../../realtime/bus.js';
import { type CompiledRules, compileRules } from './compile-rules.js';
import { type GroupingRules, NO_RULES } from './grouping-rules.js';

/** Rules as they are stored. */
export interface RuleSet extends GroupingRules {
  version: number;
  /** Null while there never were rules. */
  created_at: Date | null;
}

/**
 * The grouping rules that hold, read once and kept ready in every process. One that has not heard of a change yet groups
 * by the rules of before, as it would have done a moment earlier.
 */
@Injectable()
export class RuleBook implements OnModuleInit {
  /** Undefined while there are no rules: then they cost nothing. */
  compiled: CompiledRules | undefined;
  private version = 0;

  constructor(
    private readonly dataSource: DataSource,
    private readonly bus: Bus,
  ) {}

  async onModuleInit(): Promise<void> {
    this.bus.on('grouping.rules_changed', () => this.refresh());
    this.bus.onReconnect(() => this.refresh());
    await this.refresh();
  }

  /** The stored rules, whatever this process has heard of. */
  async read(): Promise<RuleSet> {
    const [row] = await this.dataSource.query<RuleSet[]>(
      'SELECT version, rules, in_app, created_at FROM grouping_rule_sets ORDER BY version DESC LIMIT 1',
    );
    return row ?? { ...NO_RULES, version: 0, created_at: null };
  }

  async refresh(): Promise<void> {
    const rules = await this.read();
    if (rules.version <= this.version) return;
    this.version = rules.version;
    this.compiled = compileRules(rules);
  }
}
