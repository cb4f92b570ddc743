/** A page that reports with the real SDK; bundled by the test that serves it. `#dsn` names where to. */
import * as Sentry from '@sentry/browser';

Sentry.init({
  dsn: decodeURIComponent(location.hash.slice(1)),
  release: 'shop-web@2.0.0',
  environment: 'production',
  sendClientReports: true,
});
Sentry.setUser({ id: '9', email: 'bob@shop.example', ip_address: '{{auto}}' });
Sentry.setTag('page', 'basket');
Sentry.addBreadcrumb({ category: 'ui', message: 'Opened the basket' });

function renderTotal(basket) {
  return basket.total.toFixed(2);
}

window.sentry = {
  /** An exception that nobody catches. */
  crash: () => void setTimeout(() => renderTotal({}), 0),
  message: async (text) => {
    Sentry.captureMessage(text, 'info');
    await Sentry.flush(5_000);
  },
};
