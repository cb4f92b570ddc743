import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makePingChecker, pingChecker } from '../../../src/modules/monitoring/checkers/ping.checker.js';
import { makeTemporaryFolder } from '../../support/temporary-folder.js';
import { waitFor } from '../../support/wait-for.js';
import { check, resolverOf } from './checking.js';

const canPing = spawnSync('ping', ['-c', '1', '127.0.0.1']).status === 0;
const whenItCan = canPing ? it : it.skip;

/** A program that stands in for one that behaves in a way that this machine’s does not. */
function program(folder: string, script: string): string {
  const path = join(folder, 'ping');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('ping checks', () => {
  whenItCan('measure the round trip, not the program', async () => {
    const result = await check(pingChecker, 'ping://127.0.0.1');
    expect(result).toMatchObject({ ok: true, error: null, phases: { dns: null, connect: null } });
    expect(result.response_time_ms).toBe(result.phases.first_byte);
    expect(result.response_time_ms).toBeLessThan(5);
  });

  whenItCan('resolve names, past the guard', async () => {
    const result = await check(pingChecker, 'ping://app.test');
    expect(result).toMatchObject({ ok: true, phases: { dns: expect.any(Number) } });
    const resolver = resolverOf({ 'app.test': [['127.0.0.1']], 'evil.test': [['169.254.169.254']] }, false);
    for (const host of ['app.test', '127.0.0.1', '0x7f.1', '[::1]', 'evil.test']) {
      const refused = await check(pingChecker, `ping://${host}`, { resolver });
      expect(refused).toMatchObject({ ok: false, error: expect.stringMatching(/^Refused: /) });
    }
  });

  whenItCan('send as many as they should', async () => {
    const assertions = [
      { type: 'json', path: '$.received', operator: 'equals', value: 3, soft: false },
      { type: 'json', path: '$.loss_percent', operator: 'less_than', value: 1, soft: false },
    ] as const;
    expect(await check(pingChecker, 'ping://127.0.0.1', { options: { count: 3 }, assertions })).toMatchObject(
      {
        ok: true,
        error: null,
      },
    );
  });

  it('say that nothing was measured where there is no ping program', async () => {
    expect(await check(makePingChecker('no-such-program'), 'ping://127.0.0.1')).toMatchObject({
      ok: null,
      error: 'Not checked: this worker has no ping program',
    });
  });

  describe('with a program that', () => {
    let folder: string;
    beforeAll(async () => void (folder = await makeTemporaryFolder('ping')));
    afterAll(() => rm(folder, { recursive: true }));
    const pingWith = (script: string, rest: Parameters<typeof check>[2] = {}) =>
      check(makePingChecker(program(folder, script)), 'ping://127.0.0.1', rest);

    it('hears what it is to do, hand it an address and never the name', async () => {
      const resolver = resolverOf({ '-f': [['127.0.0.7']] });
      const script = program(folder, 'printf "%s " "$@" > "$(dirname "$0")/parameters"; exit 1');
      await check(makePingChecker(script), 'ping://-f', { resolver, options: { count: 2 } });
      expect(readFileSync(join(folder, 'parameters'), 'utf8')).toBe('-n -c 2 -i 0.2 127.0.0.7 ');
    });

    it('hangs, stop it when time is up', async () => {
      const marker = `sleep 98${process.pid}`;
      const result = await pingWith(`exec ${marker}`, { timeout_ms: 200 });
      expect(result).toMatchObject({ ok: false, error: 'Timed out after 200ms (waiting for the answer)' });
      await waitFor(
        'the program to be gone',
        () => !execFileSync('ps', ['-eo', 'args']).toString().includes(marker),
      );
    });

    it('hears some replies until time is up, count those', async () => {
      const result = await pingWith(
        'echo "64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=20.5 ms"; exec sleep 60',
        {
          timeout_ms: 500,
          options: { count: 2 },
          assertions: [
            { type: 'json', path: '$.loss_percent', operator: 'less_than', value: 10, soft: true },
          ],
        },
      );
      expect(result).toMatchObject({
        ok: true,
        degraded: true,
        response_time_ms: 20.5,
        error: '$.loss_percent is not less than 10, but 50',
      });
    });

    it.each([
      [
        'echo "From 192.0.2.254 icmp_seq=1 Destination Host Unreachable"; exit 1',
        'No reply to the ping: Destination Host Unreachable',
      ],
      [
        'echo "ping: connect: Network is unreachable" >&2; exit 2',
        'No reply to the ping: Network is unreachable',
      ],
      ['exit 1', 'No reply to the ping'],
    ])('hears of no reply, say why: %s', async (script, error) => {
      expect(await pingWith(script)).toMatchObject({ ok: false, error, response_time_ms: null });
    });

    it('may not send pings, learn nothing about the endpoint', async () => {
      const result = await pingWith('echo "ping: socket: Operation not permitted" >&2; exit 2');
      expect(result).toMatchObject({
        ok: null,
        error: expect.stringMatching(/^Not checked: this worker may not/),
      });
    });
  });
});
