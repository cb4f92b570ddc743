import { toJSONSchema, type ZodType } from 'zod';
import { assertionSchema } from '../../checkers/assertions.js';
import type { EndpointKind } from '../../../../database/entities/endpoint.entity.js';
import { KNOWN_KINDS, rulesOf } from '../endpoint-kinds.js';
import { HIDDEN } from '../kind-options.js';

/** A schema of the API document, as far as it is read here. */
interface Schema {
  [keyword: string]: unknown;
}

/** What properties mean whose own schema does not say it. */
const DESCRIPTIONS: Record<string, string> = {
  operator: 'How the two are compared.',
  value: 'What it is compared with; not needed for `exists` and `not_exists`.',
  name: 'Name of the header, whatever its case.',
  path: 'JSONPath (RFC 9535) of the value, such as `$.status`.',
  type: 'What is meant.',
};

/** The options of every kind, one schema each: `{}` goes with all of them. */
export const OPTIONS_SCHEMA = { anyOf: KNOWN_KINDS.map(optionsSchema) };

/** One assertion. */
export const ASSERTION_SCHEMA = jsonSchema(assertionSchema);

function optionsSchema(kind: EndpointKind): Schema {
  const { options, secret_options } = rulesOf(kind);
  const { properties = {}, ...schema } = jsonSchema(options) as { properties?: Record<string, Schema> };
  const shown = Object.entries(properties).map(([name, { description, ...property }]) => {
    const others = [
      ...(secret_options.includes(name) ? [{ const: HIDDEN }] : []),
      ...('default' in property ? [] : [{ type: 'null' }]),
    ];
    return [
      name,
      others.length > 0 ? { description, anyOf: [property, ...others] } : { description, ...property },
    ];
  });
  return {
    ...schema,
    title: `${kind} options`,
    description: `Options of kind \`${kind}\`. Null takes one away, or gives it its default.`,
    properties: Object.fromEntries(shown) as Record<string, Schema>,
  };
}

/** As callers may write it: what has a default may be left out. */
function jsonSchema(schema: ZodType): Schema {
  const { $schema: _, ...described } = describe(
    toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }),
  );
  return described;
}

/** The same schema, with a description for every property below. */
function describe(schema: Schema): Schema {
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => {
      if (keyword === 'properties') return [keyword, describeProperties(value as Record<string, Schema>)];
      if (Array.isArray(value))
        return [keyword, value.map((each) => (isSchema(each) ? describe(each) : each))];
      return [keyword, isSchema(value) ? describe(value) : value];
    }),
  );
}

function describeProperties(properties: Record<string, Schema>): Record<string, Schema> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [
      name,
      { description: DESCRIPTIONS[name] ?? '', ...describe(property) },
    ]),
  );
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null;
}
