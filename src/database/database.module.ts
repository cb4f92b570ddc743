import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../config/config.js';
import { dataSourceOptions } from './data-source.js';
import { StatementCounter } from './statement-counter.js';

@Global()
@Module({
  providers: [StatementCounter],
  exports: [StatementCounter],
})
class StatementCounterModule {}

/** The one connection pool of the process. `DATABASE_URL` must be set by now: `npm start` sets it for its children. */
@Module({
  imports: [
    StatementCounterModule,
    TypeOrmModule.forRootAsync({
      inject: [CONFIG, StatementCounter],
      useFactory: (config: Config, counter: StatementCounter) => ({
        ...dataSourceOptions(requireDatabaseUrl(config), config.DATABASE_POOL_SIZE, counter),
        retryAttempts: 10,
        retryDelay: 2_000,
      }),
      dataSourceFactory: async (options) => {
        const dataSource = await new DataSource(options!).initialize();
        (options!.logger as StatementCounter).watch(dataSource);
        return dataSource;
      },
    }),
  ],
})
export class DatabaseModule {}

/** @throws Error when no database is configured */
export function requireDatabaseUrl(config: Config): string {
  if (config.DATABASE_URL) return config.DATABASE_URL;
  throw new Error(
    'DATABASE_URL is not set, and no `npm start` is running on DATA_DIR, whose PostgreSQL this could use.',
  );
}
