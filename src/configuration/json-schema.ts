/** A JSON Schema, as far as this file has to know. */
type Schema = Record<string, unknown>;

const COMPONENTS = '#/components/schemas/';
const NAMES_OF_ENDPOINTS: Schema = { type: 'array', items: { type: 'string' } };

/**
 * The JSON Schema of configuration files, for editors. Endpoints and windows are what the API takes, so it is made of
 * the API’s own description; references between things are names here, and every value may be a variable.
 */
export function configurationSchema(components: Readonly<Record<string, unknown>>): Schema {
  const used = new Map<string, Schema>();
  const endpoint = renamed(take('EndpointSettingsDto', components, used), { depends_on: NAMES_OF_ENDPOINTS });
  const window = renamed(
    take('MaintenanceSettingsDto', components, used),
    { endpoints: { ...NAMES_OF_ENDPOINTS, description: 'Names of endpoints that it covers.' } },
    ['endpoint_ids'],
  );
  const { required: _, ...partial } = endpoint;
  const defaults = { ...partial, description: 'What endpoints have unless they say otherwise.' };
  const endpoints = { type: 'array', items: { $ref: '#/$defs/endpoint' } };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Configuration of Watchkeep',
    description:
      'Applied with `npx watchkeep apply`. `${NAME}` and `${NAME:-default}` are environment variables.',
    type: 'object',
    additionalProperties: false,
    properties: {
      $schema: { type: 'string' },
      version: { const: 1 },
      defaults: { $ref: '#/$defs/defaults' },
      endpoints,
      groups: {
        type: 'array',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['name'],
          properties: {
            name: { type: 'string', description: 'Heading that its endpoints stand under.' },
            defaults: { $ref: '#/$defs/defaults' },
            endpoints,
          },
        },
      },
      maintenance: { type: 'array', items: { $ref: '#/$defs/maintenance' } },
    },
    $defs: { endpoint, defaults, maintenance: window, ...Object.fromEntries(used) },
  };
}

function take(
  name: string,
  components: Readonly<Record<string, unknown>>,
  used: Map<string, Schema>,
): Schema {
  const schema = convert(components[name], components, used) as Schema;
  return { ...schema, additionalProperties: false };
}

function renamed(schema: Schema, put: Record<string, Schema>, drop: readonly string[] = []): Schema {
  const properties = { ...(schema['properties'] as Record<string, Schema>), ...put };
  for (const name of drop) delete properties[name];
  return { ...schema, properties };
}

/** References lead into this schema, and what is no text may also be a variable. */
function convert(
  value: unknown,
  components: Readonly<Record<string, unknown>>,
  used: Map<string, Schema>,
): unknown {
  if (Array.isArray(value)) return value.map((item) => convert(item, components, used));
  if (typeof value !== 'object' || value === null) return value;
  const schema = Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, convert(inner, components, used)]),
  );
  const { $ref: reference } = schema;
  if (typeof reference === 'string' && reference.startsWith(COMPONENTS)) {
    const name = reference.slice(COMPONENTS.length);
    if (!used.has(name)) {
      used.set(name, {});
      used.set(name, convert(components[name], components, used) as Schema);
    }
    return { ...schema, $ref: `#/$defs/${name}` };
  }
  return isPlain(schema) ? orVariable(schema) : schema;
}

function isPlain({ type }: Schema): boolean {
  return type === 'number' || type === 'integer' || type === 'boolean';
}

function orVariable({ description, default: preset, ...rule }: Schema): Schema {
  return {
    ...(description !== undefined && { description }),
    ...(preset !== undefined && { default: preset }),
    anyOf: [rule, { type: 'string', pattern: String.raw`^\$\{` }],
  };
}
