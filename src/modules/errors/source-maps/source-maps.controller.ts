import { Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiNoContentResponse, ApiQuery, ApiTags } from '@nestjs/swagger';
import { Requires } from '../../../common/access.js';
import { UUID } from '../../../common/http/validation.js';
import { ApiEnveloped } from '../../../common/openapi/enveloped.js';
import {
  DeletedSourceMapsDto,
  DeleteSourceMapsQuery,
  ListSourceMapsQuery,
  SourceMapDto,
  SourceMapListDto,
} from './dto/source-map.dto.js';
import { SourceMapStore } from './source-map-store.js';

@ApiTags('Errors')
@Controller('api/source-maps')
export class SourceMapsController {
  constructor(private readonly store: SourceMapStore) {}

  /** List the source maps, newest first. */
  @Get()
  @Requires('read')
  @ApiEnveloped(SourceMapListDto, { description: 'A page of the source maps that match.' })
  list(@Query() query: ListSourceMapsQuery): Promise<SourceMapListDto> {
    return this.store.list(query);
  }

  /**
   * Upload a source map.
   * @remarks The body is the map itself, of up to 32 MiB, compressed or not. A map of the same script gives way. A direct route answers: `npx watchkeep upload-source-maps` sends whole folders.
   */
  @Post()
  @Requires('write')
  @ApiQuery({ name: 'source', description: 'The program: what its errors carry as `source`.' })
  @ApiQuery({ name: 'release', description: 'Its version: what its errors carry as `release`.' })
  @ApiQuery({ name: 'dist', required: false, description: 'Which of several builds of the version.' })
  @ApiQuery({
    name: 'path',
    description: 'The script as browsers load it, on any host: `~/static/app.min.js`, or its URL.',
  })
  @ApiQuery({
    name: 'debug_id',
    required: false,
    description: 'What the bundler wrote into the script; by default the `debug_id` of the map.',
  })
  @ApiBody({
    schema: { type: 'object', description: 'A source map of version 3.', additionalProperties: true },
  })
  @ApiEnveloped(SourceMapDto, { status: 201, description: 'The source map that was stored.' })
  upload(): never {
    throw new Error('A direct route answers this address: it is not registered.');
  }

  /** Delete the source maps of a release. */
  @Delete()
  @Requires('write')
  @ApiEnveloped(DeletedSourceMapsDto, { description: 'How many there were.' })
  async deleteMany(@Query() query: DeleteSourceMapsQuery): Promise<DeletedSourceMapsDto> {
    return { deleted: await this.store.delete(query) };
  }

  /** Delete a source map. */
  @Delete(':id')
  @HttpCode(204)
  @Requires('write')
  @ApiNoContentResponse({ description: 'The source map is gone.' })
  delete(@Param('id', UUID) id: string): Promise<void> {
    return this.store.deleteOne(id);
  }
}
