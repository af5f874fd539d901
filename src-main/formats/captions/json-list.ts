/** A list of objects with a clip and its captions, as programs write what others write line by line. */
import { rolesOf, valueOf } from './columns.ts'
import type { CaptionDocument, CaptionEntry, CaptionFormat, CaptionSource } from './format.ts'
import { entriesOf, wordOf } from './records.ts'
import { objectsOf } from './values.ts'

export const jsonList: CaptionFormat = {
  name: 'json-list',
  title: 'JSON: a list of objects',
  accepts: 'a JSON list of {"video", "caption"}',
  follows: 'the raw list of neuraltalk2 (file_path, captions), with the names of columns of the tables',
  extensions: [],
  counts: 'entry',
  structure: 'json',
  recognises: ({ json }) => {
    const first = objectsOf(json)?.[0]
    return first !== undefined && wordOf(valueOf(first, 'clip', {})) !== undefined
  },
  parse: ({ file, json }: CaptionDocument, { columns }: CaptionSource): CaptionEntry[] =>
    (objectsOf(json) ?? []).flatMap((object, place) =>
      entriesOf(rolesOf(object, columns), { file, counts: jsonList.counts, line: place + 1 }),
    ),
}
