import { ApiProperty } from '@nestjs/swagger';
import { IP_ADDRESS_CHOICES } from '../sections/privacy.section.js';

/** Text that is replaced wherever it stands. */
export class PatternRuleDto {
  /**
   * How people call it; it stands beside what the rule changed in a test.
   * @example "customer number"
   */
  name!: string;

  /**
   * A regular expression in the syntax of RE2: no look-around, no back references, and never slow. `(?i)` in front
   * ignores case. At most 500 characters.
   * @example "\\bKD-\\d{6}\\b"
   */
  pattern!: string;

  /**
   * What stands there instead, as it is; by default `[Filtered]`. At most 100 characters.
   * @example "[customer]"
   */
  replacement!: string;
}

/** What one source wants otherwise. A field that is given takes the place of the instance’s, whole. */
export class SourcePrivacyDto {
  /** Whether the built-in rules hold. */
  defaults?: boolean;

  /** Keys whose values become `[Filtered]`. */
  keys?: string[];

  /** Keys whose values stay as they are. */
  safe_keys?: string[];

  /** Text that is replaced wherever it stands. */
  patterns?: PatternRuleDto[];

  /** What becomes of addresses. */
  @ApiProperty({ enum: IP_ADDRESS_CHOICES })
  ip_addresses?: (typeof IP_ADDRESS_CHOICES)[number];
}

/** What is taken out of errors before they are stored. */
export class PrivacySettingsDto {
  /** Whether the built-in rules hold: keys of secrets, and patterns of tokens, cards, IBANs and the like. */
  defaults!: boolean;

  /**
   * Keys, beside those of the built-in rules, whose values become `[Filtered]`, without regard to case; `*` stands
   * for any characters. At most 100.
   * @example ["customer_number", "*_iban"]
   */
  keys!: string[];

  /**
   * Keys whose values stay as they are, whatever any other rule says; `*` stands for any characters. At most 100.
   * @example ["token_count"]
   */
  safe_keys!: string[];

  /** Text that is replaced wherever it stands: messages, stack traces, values, tags, URLs. At most 20. */
  patterns!: PatternRuleDto[];

  /**
   * What becomes of addresses: kept, cut down to the network (the last 8 bits of IPv4 and the last 80 of IPv6 become
   * zero), or removed.
   */
  @ApiProperty({ enum: IP_ADDRESS_CHOICES })
  ip_addresses!: (typeof IP_ADDRESS_CHOICES)[number];

  /**
   * What single sources want otherwise, by source.
   * @example {"billing": {"ip_addresses": "remove"}}
   */
  @ApiProperty({ type: 'object', additionalProperties: { $ref: '#/components/schemas/SourcePrivacyDto' } })
  sources!: Record<string, SourcePrivacyDto>;
}
