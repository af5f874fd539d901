import type * as z from 'zod'
import { readWhole } from '../files.ts'
import { brokenLine } from '../text/json.ts'
import { failures } from './failures.ts'

/** A JSON file, parsed. Throws the VitrineError of a file that can't be read, BAD_INPUT for one that isn't JSON. */
export async function readJson(path: string): Promise<unknown> {
  const text = new TextDecoder().decode(await readWhole(path))
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw failures.notJson({ path, line: brokenLine(text) }, { cause: error })
  }
}

/** What was parsed, as its schema has it. Throws BAD_INPUT with the file and the field. */
export function parseAs<Schema extends z.ZodType>(
  schema: Schema,
  json: unknown,
  path: string,
): z.output<Schema> {
  const parsed = schema.safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw failures.notAsExpected({
      path,
      field: issue?.path.join('.') || 'it',
      reason: issue?.message ?? '',
    })
  }
  return parsed.data
}
