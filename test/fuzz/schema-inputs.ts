/**
 * Inputs for a procedure from its schema: most fit, many nearly fit (a number out of range, a field too many, a
 * text where a list should be), some are anything at all.
 */
import * as fc from 'fast-check'
import * as z from 'zod'

type JsonSchema = z.core.JSONSchema.BaseSchema

/** What stands for texts that may be paths: never one that leads out of the folder in which the calls are made. */
export interface Vocabulary {
  paths: readonly string[]
  words: readonly string[]
}

const ODD_NUMBERS = [0, -1, 1, 2, 1e9, -1e9, 0.5, 2 ** 31, 2 ** 53, 2 ** 64, Number.MIN_VALUE, Infinity, NaN]

/** Inputs for `schema`; undefined where a procedure takes none. */
export function inputsFor(schema: unknown, vocabulary: Vocabulary): fc.Arbitrary<unknown> {
  if (!(schema instanceof z.ZodType)) {
    return fc.constant(undefined)
  }
  const description = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema
  return fc.oneof(
    { weight: 9, arbitrary: fitting(description, vocabulary, description) },
    { weight: 1, arbitrary: anything(vocabulary) },
  )
}

/** Values for a part of `root`, most of which fit. */
function fitting(schema: JsonSchema, vocabulary: Vocabulary, root: JsonSchema): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 14, arbitrary: exactly(schema, vocabulary, root) },
    {
      weight: 1,
      arbitrary: fc.oneof(fc.constantFrom(...ODD_NUMBERS, null, '', [], {}), anything(vocabulary)),
    },
  )
}

/** Values for a part of `root` that fit, but for what is in them. */
function exactly(schema: JsonSchema, vocabulary: Vocabulary, root: JsonSchema): fc.Arbitrary<unknown> {
  const part = (inner: unknown): fc.Arbitrary<unknown> => fitting(inner as JsonSchema, vocabulary, root)
  const { $ref, anyOf, oneOf, allOf } = schema
  if ($ref !== undefined) {
    return part(definitionOf($ref, root))
  }
  const choices = anyOf ?? oneOf ?? allOf
  if (choices !== undefined) {
    return fc.oneof(...choices.map(part))
  }
  if (schema.const !== undefined) {
    return fc.constant(schema.const)
  }
  if (schema.enum !== undefined) {
    return fc.constantFrom(...schema.enum)
  }
  switch (schema.type) {
    case 'integer':
      return fc.oneof(
        { weight: 4, arbitrary: fc.integer({ min: 0, max: 12 }) },
        {
          weight: 1,
          arbitrary: fc.integer({ min: schema.minimum ?? -5, max: Math.min(schema.maximum ?? 500, 500) }),
        },
      )
    case 'number':
      return fc.double({ min: schema.minimum ?? -2, max: schema.maximum ?? 2, noNaN: true })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'string':
      return texts(vocabulary)
    case 'array':
      return arrays(schema, part)
    case 'object':
      return objects(schema, part)
    default:
      return anything(vocabulary)
  }
}

function arrays(schema: JsonSchema, part: (inner: unknown) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const { prefixItems, items: elements } = schema
  if (prefixItems !== undefined) {
    return fc.tuple(...prefixItems.map(part))
  }
  return fc.array(part(elements ?? {}), { maxLength: 4 })
}

function objects(schema: JsonSchema, part: (inner: unknown) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const properties = Object.entries(schema.properties ?? {}).map(
    ([name, inner]) => [name, part(inner)] as const,
  )
  const required = new Set(schema.required ?? [])
  const requiredKeys = properties.map(([name]) => name).filter((name) => required.has(name))
  return fc.record(Object.fromEntries(properties), { requiredKeys })
}

function definitionOf(reference: string, root: JsonSchema): JsonSchema {
  return reference === '#' ? root : (root.$defs?.[reference.replace('#/$defs/', '')] ?? {})
}

const texts = ({ paths, words }: Vocabulary): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...paths) },
    { weight: 4, arbitrary: fc.constantFrom(...words) },
    // Not one that begins at the root of the file system.
    { weight: 2, arbitrary: fc.string({ maxLength: 30 }).map((text) => text.replace(/[/\\~]/g, '_')) },
    {
      weight: 1,
      arbitrary: fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replace(/[/\\~]/g, '_')),
    },
    { weight: 1, arbitrary: fc.constantFrom('', ' ', '\0', '__proto__', 'a'.repeat(5000), '%00', '-') },
  )

const anything = (vocabulary: Vocabulary): fc.Arbitrary<unknown> =>
  fc.anything({
    maxDepth: 2,
    maxKeys: 3,
    values: [fc.integer(), fc.double(), fc.boolean(), fc.constant(null), texts(vocabulary)],
  })
