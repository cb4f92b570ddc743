import { loggablePath } from './loggable-path.js';

it.each([
  ['/api/push/secret', '/api/push/***'],
  ['/api/push/secret/start', '/api/push/***/start'],
  ['/api/push/', '/api/push/'],
  ['/api/errors/secret', '/api/errors/secret'],
])('%s is logged as %s', (path, expected) => {
  expect(loggablePath(path)).toBe(expected);
});
