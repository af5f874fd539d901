/** What anybody may send has limits: no number, text or list of a request may be as large as it likes. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { contract } from '#contract'

interface JsonSchema {
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  maximum?: number
  exclusiveMaximum?: number
  maxLength?: number
  maxItems?: number
  properties?: Record<string, JsonSchema>
  items?: JsonSchema
  prefixItems?: JsonSchema[]
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  additionalProperties?: JsonSchema | boolean
}

/** Places in a schema that have no limit. */
function limitless(schema: JsonSchema, at: string): string[] {
  if (schema.enum !== undefined || schema.const !== undefined) {
    return []
  }
  const below = [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, part]) => limitless(part, `${at}.${name}`)),
    ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.prefixItems ?? [])].flatMap((part) =>
      limitless(part, at),
    ),
    ...(schema.items === undefined ? [] : limitless(schema.items, `${at}[]`)),
    ...(typeof schema.additionalProperties === 'object'
      ? limitless(schema.additionalProperties, `${at}{}`)
      : []),
  ]
  const missing =
    (['number', 'integer'].includes(String(schema.type)) &&
      (schema.maximum ?? Infinity) >= Number.MAX_SAFE_INTEGER &&
      schema.exclusiveMaximum === undefined) ||
    (schema.type === 'string' && schema.maxLength === undefined) ||
    (schema.type === 'array' && schema.prefixItems === undefined && schema.maxItems === undefined)
  return missing ? [at, ...below] : below
}

test('every request has limits', () => {
  const places = Object.entries(contract).flatMap(([noun, procedures]) =>
    Object.entries(procedures).flatMap(([name, procedure]) => {
      const schema = procedure['~orpc'].inputSchema
      return schema === undefined
        ? []
        : limitless(
            z.toJSONSchema(schema as z.ZodType, {
              io: 'input',
              unrepresentable: 'any',
              reused: 'inline',
            }) as JsonSchema,
            `${noun}.${name}`,
          )
    }),
  )
  expect(places).toEqual([])
})
