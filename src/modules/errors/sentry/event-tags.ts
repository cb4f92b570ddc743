import { browserOf, systemOf } from './browser-of.js';
import { type Given, isPlain, mapOf, nameOf, objectOf } from './given.js';
import type { EventException } from './exceptions.js';

const MAX_TAGS = 50;
const MAX_KEY = 64;
const MAX_VALUE = 200;

interface Facts {
  contexts: Given;
  main: EventException | undefined;
  userAgent: string | null;
}

/** What to search an event by: the tags that it was given, and below them what Sentry derives too. */
export function tagsOf(event: Given, facts: Facts): Record<string, string> {
  const tags: Record<string, string> = {};
  let count = 0;
  const add = (key: string, value: unknown): void => {
    const name = key.slice(0, MAX_KEY);
    const text = isPlain(value) ? nameOf(value, MAX_VALUE) : null;
    if (text === null || name === '__proto__' || count >= MAX_TAGS || Object.hasOwn(tags, name)) return;
    tags[name] = text;
    count++;
  };
  for (const [key, value] of Object.entries(mapOf(event['tags']) ?? {})) add(key, value);
  for (const key of ['transaction', 'server_name', 'dist', 'logger']) add(key, event[key]);
  addMechanism(add, facts.main);
  addContexts(add, facts);
  return tags;
}

type Add = (key: string, value: unknown) => void;

function addMechanism(add: Add, main: EventException | undefined): void {
  if (!main?.mechanism) return;
  add('mechanism', main.mechanism['type']);
  const { handled } = main.mechanism;
  if (typeof handled === 'boolean') add('handled', handled ? 'yes' : 'no');
}

function addContexts(add: Add, { contexts, userAgent }: Facts): void {
  addVersioned(add, 'browser', objectOf(contexts['browser']) ?? (userAgent ? browserOf(userAgent) : null));
  addVersioned(add, 'os', objectOf(contexts['os']) ?? objectOf(contexts['client_os']) ?? systemIn(userAgent));
  addVersioned(add, 'runtime', objectOf(contexts['runtime']) ?? null);
  add('device', objectOf(contexts['device'])?.['model']);
}

function systemIn(userAgent: string | null): Given | null {
  return userAgent === null ? null : systemOf(userAgent);
}

/** `browser: Firefox 128.0` to find one version, `browser.name: Firefox` to find them all. */
function addVersioned(add: Add, key: string, context: Given | null): void {
  if (!context || !isPlain(context['name'])) return;
  const { name, version } = context;
  add(key, isPlain(version) ? `${String(name)} ${String(version)}` : name);
  add(`${key}.name`, name);
}
