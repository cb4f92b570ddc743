import type { DynamicModule, INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app.module.js';
import type { Config } from '../config/config.js';

/** Runs `work` with the services of a process that does not listen; by default those of an API. */
export async function withApplication<T>(
  config: Config,
  work: (app: INestApplicationContext) => Promise<T>,
  module: DynamicModule = AppModule.forApi(config),
): Promise<T> {
  const app = await NestFactory.createApplicationContext(module, { abortOnError: false });
  try {
    return await work(app);
  } finally {
    await app.close();
  }
}
