import { Injectable } from '@nestjs/common';
import type { DirectRoute } from './direct-route.js';

/** The addresses that are answered directly. Modules register theirs when they are made. */
@Injectable()
export class DirectRoutes {
  private readonly routes: DirectRoute[] = [];

  register(...routes: DirectRoute[]): void {
    this.routes.push(...routes);
  }

  find(path: string): DirectRoute | undefined {
    return this.routes.find((route) => route.matches(path));
  }
}
