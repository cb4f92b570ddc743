import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { FieldProblem } from '../../../common/coded-exception.js';
import type { EndpointKind } from '../../../database/entities/endpoint.entity.js';
import { assertionSchema } from '../checkers/assertions.js';
import { type KindRules, REQUEST_FIELDS, rulesOf } from './endpoint-kinds.js';
import { problemsOfZod } from './kind-options.js';
import { DEFAULTS, type EndpointSettings } from './settings-defaults.js';
import { defaultPortOf } from './target-url.js';

export const MAX_ASSERTIONS = 20;

const assertionList = z.array(assertionSchema).max(MAX_ASSERTIONS, `must be at most ${MAX_ASSERTIONS}`);

/** Kinds whose addresses name no port. */
const PORTLESS: ReadonlySet<EndpointKind> = new Set(['ping', 'dns']);

/** What of an endpoint’s settings does not go with its kind. */
export function problemsOf(settings: EndpointSettings): FieldProblem[] {
  const rules = rulesOf(settings.kind);
  return [
    ...(settings.kind === 'push' ? pushProblems(settings) : urlProblems(settings, rules)),
    ...authProblems(settings, rules),
    ...assertionProblems(settings, rules),
    ...REQUEST_FIELDS.filter(
      (field) => !rules.fields.includes(field) && !isDeepStrictEqual(settings[field], DEFAULTS[field]),
    ).map((field) => ({ field, message: `has no meaning for kind ${settings.kind}: leave it out` })),
  ];
}

function urlProblems({ kind, url }: EndpointSettings, { schemes }: KindRules): FieldProblem[] {
  const example = Object.keys(schemes).map((scheme) => `${scheme}//`);
  if (!URL.canParse(url)) return urlProblem(`must be an address that begins with ${example.join(' or ')}`);
  const { protocol, username, password, hostname, port } = new URL(url);
  if (!(protocol in schemes)) return urlProblem(`must begin with ${example.join(' or ')} for kind ${kind}`);
  if (username !== '' || password !== '') {
    return urlProblem('must not contain user name or password: they belong where they are kept secret');
  }
  if (hostname === '' || !URL.canParse(`http://${hostname}`)) return urlProblem('must name a valid host');
  const needsPort = defaultPortOf(url, schemes) === null && !PORTLESS.has(kind);
  return needsPort && port === '' ? urlProblem('must name a port') : [];
}

function urlProblem(message: string): FieldProblem[] {
  return [{ field: 'url', message }];
}

function pushProblems({ url, retries, regions, timeout_ms }: EndpointSettings): FieldProblem[] {
  const none = 'has no meaning for kind push: leave it out';
  return [
    ...(url === '' ? [] : [{ field: 'url', message: 'is made by Watchkeep for kind push: leave it out' }]),
    ...(retries === 0 ? [] : [{ field: 'retries', message: none }]),
    ...(regions.length === 0 ? [] : [{ field: 'regions', message: none }]),
    ...(timeout_ms === DEFAULTS.timeout_ms ? [] : [{ field: 'timeout', message: none }]),
  ];
}

function authProblems({ kind, auth }: EndpointSettings, rules: KindRules): FieldProblem[] {
  if (!auth || rules.auth.includes(auth.type)) return [];
  const taken = rules.auth.length === 0 ? 'takes none' : `takes ${rules.auth.join(' or ')}`;
  return [{ field: 'auth.type', message: `does not go with kind ${kind}, which ${taken}` }];
}

function assertionProblems({ kind, assertions }: EndpointSettings, { asserts }: KindRules): FieldProblem[] {
  const parsed = assertionList.safeParse(assertions);
  if (!parsed.success) return problemsOfZod('assertions', parsed.error);
  return parsed.data.flatMap(({ type }, index) => {
    const fits = type === 'response_time' ? kind !== 'push' : asserts.includes(type);
    return fits
      ? []
      : [{ field: `assertions.${index}.type`, message: `has nothing to look at in kind ${kind}` }];
  });
}

/** Assertions with what they leave out filled in. */
export function completeAssertions(assertions: readonly unknown[]): unknown[] {
  return assertionList.parse(assertions);
}
