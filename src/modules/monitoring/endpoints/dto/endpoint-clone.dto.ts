import { IsString, Length, Matches } from 'class-validator';
import { IfGiven } from './rules.js';

/** What is different about a copy. */
export class EndpointCloneDto {
  /** Its name; that of the original with ` (copy)` when left out. */
  @IfGiven()
  @IsString()
  @Length(1, 200)
  @Matches(/\S/, { message: 'name must not be blank' })
  name?: string;
}
