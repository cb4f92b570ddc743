import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Endpoints whose state is only held, because the workers that should measure them have lost their network. */
@Injectable()
export class HeldEndpointsReader {
  constructor(private readonly dataSource: DataSource) {}

  async ids(): Promise<string[]> {
    const rows = await this.dataSource.query<{ endpoint_id: string }[]>(
      'SELECT endpoint_id FROM endpoint_status WHERE held',
    );
    return rows.map((row) => row.endpoint_id);
  }
}
