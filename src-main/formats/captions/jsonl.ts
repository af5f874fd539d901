/**
 * Objects with a clip and its captions, one a line or all in one list: {"video": "a", "caption": "..."} or
 * {"video": "a", "captions": ["...", "..."]}.
 */
import { defineFailures } from '../../common/failures.ts'
import { rolesOf, valueOf } from './columns.ts'
import type { CaptionDocument, CaptionEntry, CaptionFormat, CaptionSource } from './format.ts'
import { entriesOf, wordOf } from './records.ts'
import { objectLines, objectOf } from './values.ts'

const failures = defineFailures('captions.jsonl', {
  noClip: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: the object names no clip ("video": "...").',
    remedy: 'Accepted are {accepted}.',
  },
  noCaption: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: the object of {clip} holds no caption ("caption": "...").',
    remedy: 'Accepted are {accepted}.',
  },
})

export const jsonl: CaptionFormat = {
  name: 'jsonl',
  title: 'JSON lines',
  accepts: 'JSON lines {"video", "caption"}',
  follows: 'jsonlines.org, with the names of columns of the tables',
  extensions: ['.jsonl', '.ndjson'],
  counts: 'line',
  structure: 'json lines',
  recognises: isLines,
  parse,
}

/** Whether the first line is an object by itself, and where that is all there is, one of a clip. */
function isLines({ file, head: [first], json }: CaptionDocument): boolean {
  const object = objectOf(first?.text ?? '')
  if (object === null) {
    return false
  }
  return json === undefined || /\.(?:jsonl|ndjson)$/i.test(file) || isRecord(object)
}

/** Whether an object is one of a clip and its captions. */
const isRecord = (object: Readonly<Record<string, unknown>>): boolean => {
  const caption = valueOf(object, 'caption', {})
  return (
    wordOf(valueOf(object, 'clip', {})) !== undefined &&
    (typeof caption === 'string' || Array.isArray(caption))
  )
}

function parse(document: CaptionDocument, source: CaptionSource): CaptionEntry[] {
  const { file } = document
  const { columns, accepted } = source
  return objectLines(document, source).flatMap(({ line, object }) => {
    const clip = wordOf(valueOf(object, 'clip', columns))
    if (clip === undefined) {
      throw failures.noClip({ file, line, accepted })
    }
    const caption = valueOf(object, 'caption', columns)
    if (typeof caption !== 'string' && !Array.isArray(caption)) {
      throw failures.noCaption({ file, line, clip, accepted })
    }
    return entriesOf(rolesOf(object, columns), { file, counts: 'line', line })
  })
}
