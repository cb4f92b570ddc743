import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import { AppModule } from '../../../src/app.module.js';
import { KEY_RIGHTS, REQUIRED_RIGHT } from '../../../src/common/access.js';
import { parseConfig } from '../../../src/config/config.js';

interface Route {
  name: string;
  right: unknown;
}

/** A guard refuses what says nothing, so a forgotten decorator would only be seen by a puzzled user. */
describe('routes of the API', () => {
  it('each say which right they need, or that they need none', async () => {
    const routes = await routesOf(AppModule.forApi(parseConfig({})));
    const rights = ['public', 'own', ...new Set(Object.values(KEY_RIGHTS).flat())];
    expect(routes.length).toBeGreaterThan(30);
    expect(routes.filter(({ right }) => !rights.includes(right as string))).toEqual([]);
  });
});

async function routesOf(module: ReturnType<typeof AppModule.forApi>): Promise<Route[]> {
  const app = await NestFactory.create(module, { preview: true, logger: false, abortOnError: false });
  const controllers = [...app.get(ModulesContainer).values()].flatMap((each) => [
    ...each.controllers.values(),
  ]);
  return controllers.flatMap(({ metatype }) => routesOfController(metatype as Type));
}

function routesOfController(controller: Type): Route[] {
  const handlers = Object.getOwnPropertyDescriptors(controller.prototype as object);
  return Object.entries(handlers).flatMap(([name, { value: handler }]) => {
    if (name === 'constructor' || typeof handler !== 'function') return [];
    if (Reflect.getMetadata(PATH_METADATA, handler) === undefined) return [];
    const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number];
    const right: unknown =
      Reflect.getMetadata(REQUIRED_RIGHT, handler) ?? Reflect.getMetadata(REQUIRED_RIGHT, controller);
    return [{ name: `${method} ${controller.name}.${name}`, right }];
  });
}
