import { z } from 'zod';
import { exchange } from '../probing/http-exchange.js';
import { ProbeFailure } from '../probing/probe-context.js';
import { below, httpUrl, text, verifyTls } from './fields.js';
import { defineKind } from './integration-kind.js';

const settings = z
  .strictObject({
    url: httpUrl('Address of the Alertmanager, up to where /api/v2 begins.'),
    username: text('User name for basic authentication; none when left out.').optional(),
    password: z.string().min(1, 'must not be empty').max(1_000).optional().describe('Its password.'),
    verify_tls: verifyTls,
  })
  .refine(({ username, password }) => (username === undefined) === (password === undefined), {
    path: ['password'],
    message: 'must come together with username',
  });

/** https://prometheus.io/docs/alerting/latest/alerts_api/: the API that alerts go to; `/-/healthy` would not try it. */
export const ALERTMANAGER = defineKind({
  name: 'alertmanager',
  title: 'Alertmanager',
  proves: 'Its API answers and takes the password. No alert is sent.',
  settings,
  secrets: ['password'],
  destination: ['url', 'verify_tls'],
  async probe({ url, username, password, verify_tls }, context) {
    const credentials = Buffer.from(`${username}:${password}`).toString('base64');
    const headers = username === undefined ? undefined : { Authorization: `Basic ${credentials}` };
    const { status, json } = await exchange(
      { url: below(url, '/api/v2/status'), headers, verify_tls },
      context,
    );
    if (status === 401 || status === 403) throw new ProbeFailure(`The password is refused (${status})`);
    if (status !== 200) throw new ProbeFailure(`Alertmanager answers ${status}`);
    if (!json || !('config' in json)) throw new ProbeFailure('The answer is not that of an Alertmanager');
    const { version } = (json['versionInfo'] ?? {}) as { version?: string };
    return version ? `Alertmanager ${version} answers` : 'Alertmanager answers';
  },
});
