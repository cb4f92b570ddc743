// The floor: the least that checking can be. `http.request` with a fresh socket a check, the same bursts, nothing stored.
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { answers } from '../lib/child.mjs';

answers({ run });

/** Sends `perBurst` requests once a second, `bursts` times, and resolves when the last is answered. */
async function run({ port, perBurst, bursts }) {
  const checks = [];
  const started = performance.now();
  for (let burst = 0; burst < bursts; burst++) {
    await delay(Math.max(0, started + burst * 1000 - performance.now()));
    for (let index = 0; index < perBurst; index++) checks.push(check(port, index));
  }
  const codes = await Promise.all(checks);
  return { answered: codes.filter((code) => code === 200).length };
}

function check(port, index) {
  return new Promise((resolve) => {
    request(
      { host: '127.0.0.1', port, path: `/floor-${index}`, agent: false, timeout: 10_000 },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      },
    )
      .on('error', () => resolve(undefined))
      .on('timeout', () => resolve(undefined))
      .end();
  });
}
