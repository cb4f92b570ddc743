import { ApiProperty, OmitType } from '@nestjs/swagger';
import { IsOptional, IsString, IsUUID, Length } from 'class-validator';
import { CheckDto } from '../../statistics/dto/check.dto.js';
import { CertificateDto } from './endpoint.dto.js';
import { EndpointSettingsDto } from './endpoint-settings.dto.js';
import { IfGiven } from './rules.js';

/** Settings to try out. */
export class EndpointTestDto extends OmitType(EndpointSettingsDto, ['name']) {
  /** Name, as in a form that is being filled in; it makes no difference. */
  @IsOptional()
  @IsString()
  @Length(0, 200)
  name?: string;

  /** Id of the endpoint that is being changed: `[hidden]` then stands for its secrets. */
  @IfGiven()
  @IsUUID()
  id?: string;
}

/** What a check with these settings found. */
export class EndpointTestResultDto extends CheckDto {
  /** The certificate that was shown; null when none was. */
  @ApiProperty({ type: () => CertificateDto, nullable: true })
  certificate!: CertificateDto | null;
}
