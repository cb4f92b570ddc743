/**
 * A program that reports with the real SDK: `node sentry-program.mjs <dsn> <what>`. A process of its own, because the SDK
 * changes the one it runs in, and because an uncaught exception ends it.
 */
import * as Sentry from '@sentry/node';

const [dsn, what] = process.argv.slice(2);

Sentry.init({
  dsn,
  release: 'shop@1.2.3',
  environment: 'staging',
  serverName: 'web-1',
  dist: '42',
  includeLocalVariables: true,
  tracesSampleRate: 0,
});
Sentry.setUser({ id: '7', username: 'alice' });
Sentry.setTag('feature', 'checkout');
Sentry.setExtra('basket', { items: 3, password: 'hunter2' });
Sentry.addBreadcrumb({ category: 'cart', message: 'Item added', level: 'info', data: { sku: 'a-1' } });

function readDisk() {
  throw new RangeError('disk full');
}

function saveOrder() {
  try {
    readDisk();
  } catch (cause) {
    throw new TypeError('order 4711 cannot be saved', { cause });
  }
}

const work = {
  crash() {
    setTimeout(saveOrder, 10);
  },

  async message() {
    Sentry.captureMessage('Stock is low', 'warning');
    await Sentry.flush(10_000);
  },

  async cron() {
    const monitor = {
      schedule: { type: 'crontab', value: '0 3 * * *' },
      checkinMargin: 5,
      maxRuntime: 10,
      timezone: 'Europe/Berlin',
    };
    await Sentry.withMonitor('nightly-backup', () => Promise.resolve(), monitor);
    const checkInId = Sentry.captureCheckIn(
      { monitorSlug: 'import', status: 'in_progress' },
      { schedule: { type: 'interval', value: 2, unit: 'hour' } },
    );
    Sentry.captureCheckIn({ checkInId, monitorSlug: 'import', status: 'error', duration: 1.5 });
    await Sentry.flush(10_000);
  },

  /** Sends until it is told to stop, goes on nevertheless, and prints what became of each message. */
  async flood() {
    const sent = [];
    const client = Sentry.getClient();
    client.on('afterSendEvent', (event, { statusCode }) => sent.push([event.message, statusCode]));
    for (const message of ['one', 'two', 'three', 'four']) {
      Sentry.captureMessage(`Message ${message}`);
      await Sentry.flush(10_000);
    }
    // What it has thrown away goes with the next flush.
    await Sentry.flush(10_000);
    console.log(JSON.stringify(sent));
  },
};

await work[what]();
