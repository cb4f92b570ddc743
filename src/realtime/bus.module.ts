import { Global, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../config/config.js';
import { requireDatabaseUrl } from '../database/database.module.js';
import { Bus } from './bus.js';
import { PostgresBus } from './postgres-bus.js';
import { RedisBus } from './redis-bus.js';

@Global()
@Module({
  providers: [
    {
      provide: Bus,
      inject: [CONFIG, DataSource],
      useFactory: (config: Config, dataSource: DataSource): Bus =>
        config.REDIS_URL
          ? new RedisBus(config.REDIS_URL)
          : new PostgresBus(requireDatabaseUrl(config), dataSource),
    },
  ],
  exports: [Bus],
})
export class BusModule {}
