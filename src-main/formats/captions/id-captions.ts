/** A JSON object of id to a caption or several. */
import type { CaptionDocument, CaptionEntry, CaptionFormat } from './format.ts'
import { entriesOf } from './records.ts'
import { firstValue, isObject } from './values.ts'

export const idCaptions: CaptionFormat = {
  name: 'json',
  title: 'JSON: id to captions',
  accepts: 'a JSON object of id to caption or captions',
  follows: 'the gts and res of pycocoevalcap, and caption.json of video-caption.pytorch',
  extensions: [],
  counts: 'entry',
  structure: 'json',
  recognises: ({ json }) => isObject(json) && isCaptions(firstValue(json)),
  parse: ({ file, json }: CaptionDocument): CaptionEntry[] =>
    Object.entries(json as object).flatMap(([clip, captions], place) =>
      entriesOf(
        { clip, caption: captions },
        {
          file,
          counts: idCaptions.counts,
          line: place + 1,
        },
      ),
    ),
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
