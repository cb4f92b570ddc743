/** What is asked, with random parameters; each answers whether it was right. `most` is what it may take, in milliseconds. */
const LIST_MS = 50;
const SEARCH_MS = 150;
const LEVELS = ['error', 'warning', 'info', 'debug'];
const hex = () =>
  Math.floor(Math.random() * 0x1000000)
    .toString(16)
    .padStart(6, '0');
const any = (list) => list[Math.floor(Math.random() * list.length)];
const number = (below) => Math.floor(Math.random() * below);

export function questions({ api, statistics, ids, busyIds }) {
  // Each answer differs from the one before: what caches keep is not what is measured here.
  const page =
    (parameters, right = () => true) =>
    async () => {
      const { errors } = await api(`/api/errors?${new URLSearchParams(parameters())}`);
      return Array.isArray(errors) && right(errors);
    };
  const isFull = ({ length }) => length > 0;
  const list = (parameters, right = isFull) => ({
    most: LIST_MS,
    ask: page(() => ({ limit: 50, offset: number(20), ...parameters() }), right),
  });
  const search = (query, right) => ({
    most: SEARCH_MS,
    ask: page(() => ({ limit: 50, offset: number(20), query: query() }), right),
  });
  return {
    list: list(() => ({})),
    'list, oldest first': list(() => ({ sort: 'last_seen' })),
    'list by first seen': list(() => ({ sort: '-first_seen' })),
    'list by count': list(() => ({ sort: '-count' })),
    'list by users, one source': list(() => ({ sort: '-users', source: `source-${number(50)}` })),
    'list of a level': list(() => ({ level: any(LEVELS) })),
    'list of a source': list(() => ({ source: `source-${number(50)}` })),
    'list of open ones in an environment': list(() => ({
      resolved: false,
      environment: any(['production', 'staging', 'canary']),
    })),
    'list of a source and level': list(
      () => ({ source: `source-${number(50)}`, level: any(LEVELS) }),
      () => true,
    ),
    'page at offset 10,000': list(() => ({ offset: 9_900 + number(100) })),
    'page deep by cursor': {
      most: LIST_MS,
      ask: page(
        () => ({ limit: 50, cursor: cursorAt(Date.now() - Math.random() * 80 * 86_400_000) }),
        isFull,
      ),
    },
    'search: rare word': search(
      () => hex(),
      () => true,
    ),
    'search: common word': search(() => any(['payment', 'request', 'timed', 'undefined'])),
    'search: phrase': search(
      () => `"${any(['payment', 'upload', 'query'])} ${hex().slice(0, 4)}"`,
      () => true,
    ),
    'search: tag': search(
      () => `customer:customer-${number(20_000)}`,
      () => true,
    ),
    'search: common tag': search(() => `os:${any(['Linux', 'Windows'])}`),
    'search: release wildcard': search(() => `release:1.${number(40)}.*`),
    'search: combined': search(
      () =>
        `is:unresolved level:error source:source-${number(50)} "connection" browser:"Browser ${number(20)}"`,
      () => true,
    ),
    'search: opposite and count': search(() => `!browser:"Browser ${number(20)}" count:>${number(50)} timed`),
    error: { most: LIST_MS, ask: async () => (await api(`/api/errors/${any(ids)}`)).count > 0 },
    occurrences: {
      most: LIST_MS,
      ask: async () =>
        (await api(`/api/errors/${any(busyIds)}/occurrences?limit=50&offset=${number(20)}`)).occurrences
          .length > 0,
    },
    'figures, 24 hours': {
      most: LIST_MS,
      ask: async () => (await api(`/api/errors/${any(ids)}/figures`)).histogram.length === 24,
    },
    'figures, 90 days': {
      most: LIST_MS,
      ask: async () => (await api(`/api/errors/${any(ids)}/figures?period=90d`)).histogram.length === 90,
    },
    'statistics: 7 days by hour, one source': {
      most: LIST_MS,
      ask: () => statistics(7, `source-${number(50)}`),
    },
    'statistics: 24 hours by hour': { most: LIST_MS, ask: () => statistics(1) },
  };
}

function cursorAt(time) {
  const at = new Date(time).toISOString();
  return Buffer.from(JSON.stringify(['-last_seen', at, '80000000-0000-4000-8000-000000000000'])).toString(
    'base64url',
  );
}
