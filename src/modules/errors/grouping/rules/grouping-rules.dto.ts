import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';

const MAX_RULES = 100;

/** Which calls a rule is for: all that is given must match. `*` stands for any text; case does not matter. */
export class CallMatchDto {
  /**
   * File, as it was reported.
   * @example "*generated/*"
   */
  @IsOptional()
  @IsString()
  @Length(1, 256)
  file?: string;

  /**
   * Package, class or module path; where a stack was reported as text, the whole name of the call.
   * @example "com.acme.*"
   */
  @IsOptional()
  @IsString()
  @Length(1, 256)
  module?: string;

  /**
   * Name of the call.
   * @example "retry*"
   */
  @IsOptional()
  @IsString()
  @Length(1, 256)
  function?: string;
}

/**
 * Which reports a rule is for: all that is given must match. `*` stands for any text; case does not matter.
 * `file`, `module` and `function` must match one and the same of the first three calls of own code.
 */
export class RuleMatchDto extends CallMatchDto {
  /**
   * The program that reports.
   * @example "backend"
   */
  @IsOptional()
  @IsString()
  @Length(1, 256)
  source?: string;

  /**
   * Type of the error, where its message begins with one.
   * @example "*TimeoutError"
   */
  @IsOptional()
  @IsString()
  @Length(1, 256)
  type?: string;

  /**
   * The message, as it was reported; its first 2,000 characters count.
   * @example "*deadlock detected*"
   */
  @IsOptional()
  @IsString()
  @Length(1, 256)
  message?: string;

  /**
   * Language or runtime.
   * @example "javascript"
   */
  @IsOptional()
  @IsString()
  @Length(1, 256)
  platform?: string;

  /**
   * Level that it is reported at.
   * @example "warning"
   */
  @IsOptional()
  @IsString()
  @Length(1, 256)
  level?: string;
}

/** Groups reports that match by what it says. */
export class FingerprintRuleDto {
  /** Which reports it is for. At least one field is needed. */
  @ValidateNested()
  @Type(() => RuleMatchDto)
  match!: RuleMatchDto;

  /**
   * What they are grouped by, beside their source. `{{ default }}` stands for our own grouping; `{{ message }}`,
   * `{{ type }}`, `{{ function }}`, `{{ module }}`, `{{ file }}`, `{{ transaction }}`, `{{ level }}`, `{{ platform }}`,
   * `{{ release }}`, `{{ environment }}` and `{{ tags.NAME }}` for what the report says; anything else for itself.
   * @example ["database-down", "{{ tags.region }}"]
   */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(20)
  @IsString({ each: true })
  @Length(1, 256, { each: true })
  fingerprint!: string[];
}

/** Says whether calls that match are the user’s own code. */
export class InAppRuleDto {
  /** Which calls it is for. At least one field is needed. */
  @ValidateNested()
  @Type(() => CallMatchDto)
  match!: CallMatchDto;

  /** Whether they are the user’s own code: calls that are not are passed over as long as there are others. */
  @IsBoolean()
  in_app!: boolean;
}

/** Rules on how errors are grouped. */
export class GroupingRulesBody {
  /** Which reports are grouped by what: the first rule that matches counts. At most 100. */
  @IsArray()
  @ArrayMaxSize(MAX_RULES)
  @ValidateNested({ each: true })
  @Type(() => FingerprintRuleDto)
  rules!: FingerprintRuleDto[];

  /** Which calls are the user’s own code: the first rule that matches counts. At most 100. */
  @IsArray()
  @ArrayMaxSize(MAX_RULES)
  @ValidateNested({ each: true })
  @Type(() => InAppRuleDto)
  in_app!: InAppRuleDto[];
}

/** The rules that shall hold. */
export class PutGroupingRulesBody extends GroupingRulesBody {
  /** The version that was changed. When another one holds by now, nothing is stored: 409. Without it the rules are replaced. */
  @IsOptional()
  @IsInt()
  @Min(0)
  version?: number;
}

/** The rules that hold. */
export class GroupingRulesDto {
  /** Counted up with every change; 0 while there never were rules. */
  version!: number;

  /** Which reports are grouped by what. */
  rules!: FingerprintRuleDto[];

  /** Which calls are the user’s own code. */
  in_app!: InAppRuleDto[];

  /** Since when they hold; null while there never were rules. */
  updated_at!: Date | null;
}

/** Rules that are tried out. */
export class PreviewGroupingBody extends GroupingRulesBody {
  /** Looks at errors of this program only. */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  source?: string;

  /** How many stored occurrences to look at, at most five of an error, of those errors that occurred last. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(2_000)
  sample: number = 1_000;
}

/** A group that would come out. */
export class PreviewPartDto {
  /** The text that would be hashed; null for what stays in the group that it is in. */
  text!: string | null;

  /** Occurrences of the sample that would be in it. */
  occurrences!: number;

  /** Id of one of them. */
  sample_id!: string;

  /** Its message. */
  sample_message!: string;
}

/** An error whose reports would be counted as several. */
export class PreviewSplitDto {
  /** Id of the error. */
  error_id!: string;

  /** Its message. */
  message!: string;

  /** What its reports would be counted as. */
  parts!: PreviewPartDto[];
}

/** An error that takes part in a join. */
export class PreviewErrorDto {
  /** Id of the error. */
  error_id!: string;

  /** Its message. */
  message!: string;

  /** Its occurrences in the sample that would be counted together with the others. */
  occurrences!: number;
}

/** Errors whose reports would be counted as one. */
export class PreviewJoinDto {
  /** The text that would be hashed; null where they would join an error that stays as it is. */
  text!: string | null;

  /** The errors. */
  errors!: PreviewErrorDto[];
}

/** What rules would change. */
export class GroupingPreviewDto {
  /** Stored occurrences that were looked at. */
  occurrences!: number;

  /** Groups that they are in. */
  groups_before!: number;

  /** Groups that they would be in. */
  groups_after!: number;

  /** Occurrences that would be counted under another fingerprint than by the rules that hold. */
  changed!: number;

  /** Errors that would be split, those with the most parts first. At most 50. */
  splits!: PreviewSplitDto[];

  /** Errors that would be joined, the largest joins first. At most 50. */
  joins!: PreviewJoinDto[];
}
