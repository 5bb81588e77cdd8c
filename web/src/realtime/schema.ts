/** Checks a value against the small part of JSON Schema that the event models use. */

export interface Schema {
  type?: string;
  enum?: readonly string[];
  anyOf?: readonly Schema[];
  $ref?: string;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: readonly string[];
  additionalProperties?: boolean | Schema;
}

const REFERENCE = '#/$defs/';

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function conforms(value: unknown, schema: Schema, definitions: Record<string, Schema>): boolean {
  if (schema.$ref !== undefined) {
    const target = definitions[schema.$ref.slice(REFERENCE.length)];
    return target !== undefined && conforms(value, target, definitions);
  }
  if (schema.anyOf) return schema.anyOf.some((part) => conforms(value, part, definitions));
  if (schema.enum) return typeof value === 'string' && schema.enum.includes(value);
  return hasType(value, schema, definitions);
}

function hasType(value: unknown, schema: Schema, definitions: Record<string, Schema>): boolean {
  switch (schema.type) {
    case 'null':
      return value === null;
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value) && value.every((item) => conforms(item, schema.items ?? {}, definitions));
    case 'object':
      return isRecord(value) && hasProperties(value, schema, definitions);
    case undefined:
      return true;
    default:
      return typeof value === schema.type;
  }
}

function hasProperties(value: Record<string, unknown>, schema: Schema, definitions: Record<string, Schema>): boolean {
  if (!(schema.required ?? []).every((name) => name in value)) return false;
  return Object.entries(schema.properties ?? {}).every(
    ([name, shape]) => !(name in value) || conforms(value[name], shape, definitions),
  );
}
