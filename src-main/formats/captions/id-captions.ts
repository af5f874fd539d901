/** A JSON object of id to a caption or several. */
import type { CaptionDocument, CaptionEntry, CaptionFormat } from './format.ts'
import { entriesOf } from './records.ts'
import { firstValue, isObject, requireKeysOnce } from './values.ts'

export const idCaptions: CaptionFormat = {
  name: 'json',
  title: 'JSON: id to captions',
  accepts: 'a JSON object of id to caption or captions',
  follows: 'the gts and res of pycocoevalcap, and caption.json of video-caption.pytorch',
  extensions: [],
  counts: 'entry',
  structure: 'json',
  recognises: ({ json }) => isObject(json) && isCaptions(firstValue(json)),
  parse,
}

function parse(document: CaptionDocument): CaptionEntry[] {
  requireKeysOnce(document)
  const { file, json } = document
  return Object.entries(json as object).flatMap(([clip, caption], place) =>
    entriesOf({ clip, caption: caption as unknown }, { file, counts: idCaptions.counts, line: place + 1 }),
  )
}

/** A text, texts, objects that hold a caption, or one that holds captions. */
function isCaptions(value: unknown): boolean {
  if (isObject(value)) {
    return typeof value['caption'] === 'string' || Array.isArray(value['captions'])
  }
  if (!Array.isArray(value)) {
    return typeof value === 'string'
  }
  return value.every((caption) => typeof caption === 'string' || (isObject(caption) && 'caption' in caption))
}
