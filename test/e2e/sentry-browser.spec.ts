import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import chromium from '@sparticuz/chromium';
import { build } from 'esbuild';
import { type Browser, chromium as playwright, type Page } from 'playwright-core';
import type { ApiClient } from '../support/api-client.js';
import { RunningProduct } from '../support/running-product.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { waitFor } from '../support/wait-for.js';

const PAGE = fileURLToPath(new URL('../support/sentry-page.js', import.meta.url));

interface Reporting {
  sentry: { crash(): void; message(text: string): Promise<void> };
}

/** The page and its script, from an origin that is not ours. */
async function servePage(): Promise<Server> {
  const { outputFiles } = await build({
    entryPoints: [PAGE],
    bundle: true,
    write: false,
    format: 'iife',
    logLevel: 'error',
  });
  const script = outputFiles[0]!.text;
  const server = createServer(({ url }, response) => {
    if (url === '/app.js') response.setHeader('Content-Type', 'text/javascript').end(script);
    else
      response.setHeader('Content-Type', 'text/html').end('<!doctype html><script src="/app.js"></script>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('a page with the browser SDK of Sentry', () => {
  let database: TestDatabase;
  let product: RunningProduct;
  let client: ApiClient;
  let server: Server;
  let browser: Browser;

  beforeAll(async () => {
    database = await createTestDatabase();
    [product, server] = await Promise.all([RunningProduct.start({ databaseUrl: database.url }), servePage()]);
    client = product.client;
    browser = await playwright.launch({
      // Not the package’s own arguments: they turn off what this is about, the rules between origins.
      args: ['--no-sandbox', '--no-zygote', '--disable-gpu'],
      executablePath: await chromium.executablePath(),
      headless: true,
    });
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    server.close();
    await product.stop();
    await database.drop();
  });

  const open = async (dsn: string): Promise<Page> => {
    const page = await browser.newPage();
    const { port } = server.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}/basket#${encodeURIComponent(dsn)}`);
    return page;
  };
  const errorsOf = async (source: string) =>
    (await client.get(`/api/errors?source=${source}`)).body.data.errors as { id: string; message: string }[];

  it('has an uncaught exception arrive whole, from another origin', async () => {
    const { body } = await client.post('/api/projects', { name: 'Web', platform: 'javascript' });
    const page = await open(body.data.dsn);
    await page.evaluate(() => (globalThis as unknown as Reporting).sentry.crash());
    const { id } = await waitFor('the error', async () => (await errorsOf('web'))[0]);
    const error = (await client.get(`/api/errors/${id}`)).body.data;
    expect(error).toMatchObject({
      message: "TypeError: Cannot read properties of undefined (reading 'toFixed')",
      level: 'error',
      environment: 'production',
      newest_release: 'shop-web@2.0.0',
      platform: 'javascript',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/basket/),
      user_agent: expect.stringContaining('Chrome/'),
      ip_address: '127.0.0.1',
      context: { user: { id: '9' } },
    });
    expect(error.stack_trace).toMatch(/at renderTotal \(.*app\.js:\d+:\d+\)/);
    const { occurrences } = (await client.get(`/api/errors/${id}/occurrences`)).body.data;
    expect(occurrences[0]).toMatchObject({
      tags: { page: 'basket', handled: 'no', 'browser.name': expect.stringContaining('Chrome') },
      details: {
        exceptions: [{ type: 'TypeError' }],
        breadcrumbs: expect.arrayContaining([expect.objectContaining({ message: 'Opened the basket' })]),
        sdk: { name: 'sentry.javascript.browser' },
      },
    });
    await page.close();
  }, 60_000);

  it('backs off at a 429: what the page reads in its headers is what it does', async () => {
    const { body } = await client.post('/api/settings/api-keys', {
      name: 'slow',
      permissions: ['ingest'],
      sources: ['slow'],
      errors_per_minute: 1,
    });
    const page = await open(body.data.dsn);
    const events: number[] = [];
    page.on('response', (response) => {
      const sent = response.request().postData() ?? '';
      if (response.url().includes('/envelope/') && sent.includes('"type":"event"'))
        events.push(response.status());
    });
    for (const text of ['One', 'Two', 'Three', 'Four']) {
      await page.evaluate((each) => (globalThis as unknown as Reporting).sentry.message(each), text);
    }
    await waitFor('both answers', () => events.length >= 2);
    expect(events).toEqual([200, 429]);
    expect((await errorsOf('slow')).map(({ message }) => message)).toEqual(['One']);
    await page.close();
  }, 60_000);
});
