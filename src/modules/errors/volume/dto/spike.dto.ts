import { Transform } from 'class-transformer';
import { IsBoolean, IsOptional } from 'class-validator';
import { PageInfo, PagingQuery } from '../../../../common/http/paging.dto.js';

/** Which spikes are asked for. */
export class ListSpikesQuery extends PagingQuery {
  /** Only spikes that go on (`true`) or are over (`false`). */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean({ message: 'open must be true or false' })
  open?: boolean;
}

/** A flood of reports of one source. */
export class SpikeDto {
  /** Id of the spike. */
  id!: string;

  /** The program that reported. */
  source!: string;

  /** Reports a minute that were taken; of more, only those of new errors. */
  limit_per_minute!: number;

  /** Reports of a usual minute when it began: the average of 24 hours. */
  usual_per_minute!: number;

  /** Most reports of a minute, those included that were refused. */
  peak_per_minute!: number;

  /** When it began. */
  started_at!: Date;

  /** When it was last beyond its limit. */
  over_at!: Date;

  /** When it was found to be over; null while it goes on. */
  ended_at!: Date | null;
}

/** A page of spikes. */
export class SpikeListDto extends PageInfo {
  /** The newest first. */
  spikes!: SpikeDto[];
}
