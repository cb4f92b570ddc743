import { ArrayMaxSize, ArrayMinSize, IsArray, IsString, IsUUID, MaxLength } from 'class-validator';
import { IfGiven } from '../../../../common/http/if-given.js';

const MAX_IDS = 100;

/** What to merge into an error. */
export class MergeErrorsDto {
  /** Ids of the errors, 1 to 100, of the same source. With each comes what is merged into it already. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_IDS)
  @IsUUID(undefined, { each: true })
  ids!: string[];
}

/** What to take out of an error: those that the ids and the fingerprints name. */
export class UnmergeErrorsDto {
  /** Ids of merged errors, at most 100. What is not merged into this error is passed over. */
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(MAX_IDS)
  @IsUUID(undefined, { each: true })
  ids?: string[];

  /** Fingerprints of merged errors, at most 100. */
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(MAX_IDS)
  @IsString({ each: true })
  @MaxLength(100, { each: true })
  fingerprints?: string[];
}
