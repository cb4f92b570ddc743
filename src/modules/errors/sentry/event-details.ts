import { isObject } from '../../../common/is-object.js';
import { type EventException, framesOf } from './exceptions.js';
import { type Given, nameOf, objectOf, objectsOf } from './given.js';

const MAX_BREADCRUMBS = 100;
const MAX_THREADS = 20;
const MAX_IMAGES = 100;

interface Parts {
  exceptions: EventException[];
  request: Given | null;
}

/** What only single occurrences show. What matters most comes first: at the end the bounds may have been reached. */
export function detailsOf(event: Given, { exceptions, request }: Parts): Given {
  return withoutEmpty({
    exceptions,
    request,
    contexts: objectOf(event['contexts']),
    breadcrumbs: objectsOf(event['breadcrumbs']).slice(-MAX_BREADCRUMBS),
    breadcrumbs_omitted: omitted(objectsOf(event['breadcrumbs']).length, MAX_BREADCRUMBS),
    threads: threadsOf(event),
    debug_meta: sourceMapsOf(event),
    sdk: sdkOf(event),
    modules: objectOf(event['modules']),
  });
}

function omitted(count: number, kept: number): number | undefined {
  return count > kept ? count - kept : undefined;
}

function threadsOf(event: Given): Given[] {
  return objectsOf(event['threads'])
    .slice(0, MAX_THREADS)
    .map(({ stacktrace, ...thread }) => ({ ...thread, ...framesOf(stacktrace) }));
}

/** Which source map belongs to which file, by debug ids. */
function sourceMapsOf(event: Given): Given | undefined {
  const images = objectOf(event['debug_meta'])?.['images'];
  const maps = Array.isArray(images)
    ? images.filter((image) => isObject(image) && image['type'] === 'sourcemap').slice(0, MAX_IMAGES)
    : [];
  return maps.length > 0 ? { images: maps } : undefined;
}

function sdkOf(event: Given): Given | undefined {
  const sdk = objectOf(event['sdk']);
  return sdk && { name: nameOf(sdk['name'], 200), version: nameOf(sdk['version'], 100) };
}

function withoutEmpty(details: Given): Given {
  return Object.fromEntries(
    Object.entries(details).filter(
      ([, value]) => value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0),
    ),
  );
}
