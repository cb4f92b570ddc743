import type { Listening } from './listening.js';

/** Keeps servers until the end of the test that starts them, however it ends: one left open would hold up the run. */
export function forOneTest(): <Server extends Pick<Listening, 'close'>>(
  starting: Promise<Server>,
) => Promise<Server> {
  const started: Pick<Listening, 'close'>[] = [];
  afterEach(() => Promise.all(started.splice(0).map((server) => server.close())));
  return async (starting) => {
    const server = await starting;
    started.push(server);
    return server;
  };
}
