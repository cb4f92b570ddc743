import type { IncomingMessage } from 'node:http';
import { type LocalServer, startHttp } from '../monitoring/local-server.js';
import { broken, healthy, probe } from './probe-parts.js';

interface Asked {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

const SID = `AC${'0'.repeat(32)}`;
const TOKEN = 'token-that-nobody-may-see';
const BOT = '123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11';
const KEY = 'R0UT1NGKEYR0UT1NGKEYR0UT1NGKEY00';

/** Vendors played by a local server that answers as their documents say. */
describe('probing vendors', () => {
  let server: LocalServer;
  let base: string;
  let asked: Asked[];
  let answer: (request: Asked) => { status: number; body: unknown };

  beforeAll(async () => {
    server = await startHttp((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', url: path = '', headers } = request;
        const seen = { method, path, headers, body: Buffer.concat(chunks).toString() };
        asked.push(seen);
        const { status, body } = answer(seen);
        response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    });
    base = server.url.replace(/\/$/, '');
  });
  afterAll(() => server.close());
  beforeEach(() => {
    asked = [];
    answer = () => ({ status: 500, body: '' });
  });

  const always = (status: number, body: unknown): void => {
    answer = () => ({ status, body });
  };
  const paths = () => asked.map(({ method, path }) => `${method} ${path}`);

  describe('Twilio', () => {
    const settings = (given: object = {}) => ({
      account_sid: SID,
      auth_token: TOKEN,
      base_url: base,
      ...given,
    });

    it('reads the account, and nothing else', async () => {
      always(200, { sid: SID, status: 'active' });
      expect(await probe('twilio', settings())).toEqual({ ...healthy, detail: 'The account is active' });
      expect(paths()).toEqual([`GET /2010-04-01/Accounts/${SID}.json`]);
      const basic = Buffer.from(`${SID}:${TOKEN}`).toString('base64');
      expect(asked[0]!.headers.authorization).toBe(`Basic ${basic}`);
    });

    it('looks whether the number belongs to the account', async () => {
      const numbers = [{ phone_number: '+12025550123' }];
      answer = ({ path }) => ({
        status: 200,
        body: path.includes('IncomingPhoneNumbers')
          ? { incoming_phone_numbers: path.includes('%2B12025550123') ? numbers : [] }
          : { status: 'active' },
      });
      expect((await probe('twilio', settings({ from: '+12025550123' }))).ok).toBe(true);
      expect(await probe('twilio', settings({ from: '+12025550199' }))).toEqual(
        broken('The account has no number +12025550199'),
      );
      expect(asked.every(({ method }) => method === 'GET')).toBe(true);
    });

    it('says what is wrong', async () => {
      always(401, { code: 20003, message: 'Authenticate' });
      expect(await probe('twilio', settings())).toEqual(
        broken('The account SID or the auth token is wrong (401)'),
      );
      always(200, { status: 'suspended' });
      expect(await probe('twilio', settings())).toEqual(broken('The account is not active: it is suspended'));
      always(404, { message: `The resource for ${TOKEN} was not found` });
      expect(await probe('twilio', settings())).toEqual(
        broken('Twilio answers 404: The resource for [hidden] was not found'),
      );
    });
  });

  describe('Africa’s Talking', () => {
    const settings = { username: 'shop & co', api_key: TOKEN, base_url: '' };
    beforeEach(() => (settings.base_url = base));

    it('reads the data of the application', async () => {
      always(200, { UserData: { balance: 'KES 1785.50' } });
      expect(await probe('africas_talking', settings)).toEqual({
        ...healthy,
        detail: 'The application has a balance of KES 1785.50',
      });
      expect(paths()).toEqual(['GET /version1/user?username=shop+%26+co']);
      expect(asked[0]!.headers['apikey']).toBe(TOKEN);
    });

    it('says what is wrong', async () => {
      always(401, 'The supplied authentication is invalid');
      expect((await probe('africas_talking', settings)).error).toBe(
        'The user name or the API key is wrong (401)',
      );
      always(200, '<html>Welcome to the hotel</html>');
      expect((await probe('africas_talking', settings)).error).toMatch(/does not look like/);
    });
  });

  describe('Slack', () => {
    const settings = () => ({ webhook_url: `${base}/services/T0/B0/${TOKEN}`, channel: '#alerts' });

    it('offers an empty message, which a live webhook refuses', async () => {
      always(400, 'no_text');
      expect(await probe('slack', settings())).toEqual({ ...healthy, detail: 'The webhook is alive' });
      expect(paths()).toEqual([`POST /services/T0/B0/${TOKEN}`]);
      expect(JSON.parse(asked[0]!.body)).toEqual({ text: '' });
    });

    it.each([
      [404, 'no_service', 'The webhook is dead: Slack answers 404 no_service'],
      [403, 'invalid_token', 'The webhook is dead: Slack answers 403 invalid_token'],
      [400, 'missing_text_or_fallback_or_attachments', expect.stringMatching(/^The webhook does not behave/)],
      [200, 'ok', 'The webhook does not behave like one: Slack answers 200 ok'],
    ])('takes %d %s for a failure', async (status, body, error) => {
      always(status, body);
      expect(await probe('slack', settings())).toEqual(broken(error));
    });

    it('will not be given a workflow, which any request would start', async () => {
      const workflow = { webhook_url: 'https://hooks.slack.com/triggers/T0/1/abc' };
      await expect(async () => probe('slack', workflow)).rejects.toThrow(/starts a workflow/);
    });
  });

  describe('Discord', () => {
    const settings = () => ({ webhook_url: `${base}/api/webhooks/1/${TOKEN}?wait=true` });

    it('reads what the webhook is', async () => {
      always(200, { id: '1', type: 1, name: 'Watchkeep' });
      expect((await probe('discord', settings())).detail).toBe('The webhook “Watchkeep” is alive');
      expect(paths()).toEqual([`GET /api/webhooks/1/${TOKEN}`]);
    });

    it('says what is wrong', async () => {
      always(404, { message: 'Unknown Webhook', code: 10015 });
      expect((await probe('discord', settings())).error).toBe('The webhook does not exist any more (404)');
      always(401, { message: 'Invalid Webhook Token', code: 50027 });
      expect((await probe('discord', settings())).error).toMatch(/token .* wrong/);
      always(200, '<html>');
      expect((await probe('discord', settings())).error).toMatch(/not that of a Discord webhook/);
    });
  });

  describe('Telegram', () => {
    const settings = (given: object = {}) => ({ bot_token: BOT, base_url: base, ...given });

    it('asks who the bot is, and whether it sees the chat', async () => {
      always(200, { ok: true, result: { id: 1, is_bot: true, username: 'watch_bot' } });
      expect((await probe('telegram', settings())).detail).toBe('The bot @watch_bot is ready');
      expect((await probe('telegram', settings({ chat_id: '-100123' }))).detail).toBe(
        'The bot @watch_bot is ready and sees the chat -100123',
      );
      expect(paths()).toEqual([
        `GET /bot${BOT}/getMe`,
        `GET /bot${BOT}/getMe`,
        `GET /bot${BOT}/getChat?chat_id=-100123`,
      ]);
    });

    it('says what is wrong', async () => {
      always(401, { ok: false, description: 'Unauthorized' });
      expect((await probe('telegram', settings())).error).toBe('The bot token is wrong (401)');
      answer = ({ path }) =>
        path.includes('getChat')
          ? { status: 400, body: { ok: false, description: 'Bad Request: chat not found' } }
          : { status: 200, body: { ok: true, result: { username: 'watch_bot' } } };
      expect((await probe('telegram', settings({ chat_id: '@nowhere' }))).error).toBe(
        'Telegram answers 400 to getChat: Bad Request: chat not found',
      );
    });
  });

  describe('PagerDuty', () => {
    const settings = () => ({ routing_key: KEY, base_url: base });

    it('sends an event that cannot become one', async () => {
      always(400, {
        status: 'invalid event',
        message: 'Event object is invalid',
        errors: ["'event_action' is missing or blank"],
      });
      expect(await probe('pagerduty', settings())).toEqual({ ...healthy, detail: 'The Events API answers' });
      expect(paths()).toEqual(['POST /v2/enqueue']);
      expect(JSON.parse(asked[0]!.body)).toEqual({ routing_key: KEY });
    });

    it('says what is wrong', async () => {
      always(400, { status: 'invalid event', errors: [`'routing_key' ${KEY} is of no use`] });
      expect((await probe('pagerduty', settings())).error).toBe(
        "The routing key is refused: 'routing_key' [hidden] is of no use",
      );
      always(202, { status: 'success' });
      expect((await probe('pagerduty', settings())).error).toMatch(/answers 202 where it should refuse/);
    });
  });

  describe('Alertmanager', () => {
    const settings = (given: object = {}) => ({ url: `${base}/alertmanager/`, ...given });

    it('reads the status of its API', async () => {
      always(200, { cluster: {}, config: { original: '' }, versionInfo: { version: '0.28.1' }, uptime: '' });
      expect((await probe('alertmanager', settings())).detail).toBe('Alertmanager 0.28.1 answers');
      expect((await probe('alertmanager', settings({ username: 'u', password: 'p' }))).ok).toBe(true);
      expect(paths()).toEqual(Array(2).fill('GET /alertmanager/api/v2/status'));
      expect(asked.map(({ headers }) => headers.authorization)).toEqual([
        undefined,
        `Basic ${Buffer.from('u:p').toString('base64')}`,
      ]);
    });

    it('says what is wrong', async () => {
      always(401, '');
      expect((await probe('alertmanager', settings())).error).toBe('The password is refused (401)');
      always(200, { hello: 'world' });
      expect((await probe('alertmanager', settings())).error).toMatch(/not that of an Alertmanager/);
    });
  });

  it.each([
    ['twilio', () => ({ account_sid: SID, auth_token: TOKEN, base_url: base })],
    ['slack', () => ({ webhook_url: `${base}/${TOKEN}` })],
    ['telegram', () => ({ bot_token: BOT, base_url: base })],
  ] as const)(
    '%s that is out of order is broken, and one that is busy was not measured',
    async (kind, given) => {
      always(503, 'Come back later');
      expect((await probe(kind, given())).error).toMatch(/is out of order: it answers 503$/);
      always(429, 'Slow down');
      expect(await probe(kind, given())).toMatchObject({
        ok: null,
        error: expect.stringMatching(/^Not measured: /),
      });
    },
  );
});
