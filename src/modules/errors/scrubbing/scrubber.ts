import { Injectable, type OnModuleInit } from '@nestjs/common';
import { SettingsReader } from '../../settings/settings.reader.js';
import type { ErrorReport } from '../error-report.js';
import { redactText } from './redact-text.js';
import { scrubReport } from './scrub-report.js';
import { compileRules, DEFAULT_RULES, type PrivacySettings, type ScrubRules } from './scrub-rules.js';
import { storableText } from './storable-text.js';

/** Characters of texts, before and after, that are remembered for one set of rules. */
const REMEMBERED = 4 * 1024 * 1024;

/** Rules with a memory: messages and stack traces come again and again. */
class RuleSet {
  private readonly known = new Map<string, string>();
  private characters = 0;
  readonly scrub = (text: string): string => {
    const known = this.known.get(text);
    if (known !== undefined) return known;
    const scrubbed = storableText(redactText(text, this.rules.messages));
    this.characters += text.length + scrubbed.length;
    if (this.characters > REMEMBERED) {
      this.known.clear();
      this.characters = text.length + scrubbed.length;
    }
    this.known.set(text, scrubbed);
    return scrubbed;
  };

  constructor(readonly rules: ScrubRules) {}
}

/** Takes out of reports what must not be stored, by the settings as they are now. */
@Injectable()
export class Scrubber implements OnModuleInit {
  private instance = new RuleSet(DEFAULT_RULES);
  private sources: ReadonlyMap<string, RuleSet> = new Map();

  constructor(private readonly settings: SettingsReader) {}

  onModuleInit(): Promise<void> {
    return this.settings.watch('privacy', (privacy) => this.use(privacy));
  }

  scrub(report: ErrorReport): ErrorReport {
    const { rules, scrub } = this.sources.get(report.source) ?? this.instance;
    return scrubReport(report, rules, scrub);
  }

  private use(privacy: PrivacySettings): void {
    const { sources, ...choices } = privacy;
    this.instance = new RuleSet(compileRules(choices));
    this.sources = new Map(
      Object.entries(sources).map(([source, own]) => [
        source,
        new RuleSet(compileRules({ ...choices, ...own })),
      ]),
    );
  }
}
