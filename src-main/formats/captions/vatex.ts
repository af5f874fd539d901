/** VATEX: a list of videos, each with captions in English and in Chinese. */
import type { CaptionDocument, CaptionEntry, CaptionFormat } from './format.ts'
import { entriesOf, wordOf } from './records.ts'
import { isObject, objectsOf } from './values.ts'

const LANGUAGES = [
  { key: 'enCap', language: 'en' },
  { key: 'chCap', language: 'zh' },
] as const

export const vatex: CaptionFormat = {
  name: 'vatex',
  title: 'VATEX',
  accepts: "VATEX's JSON with enCap and chCap",
  follows: 'vatex_training_v1.0.json of Wang et al.; the videoID is YouTubeID_Start_End, in six digits each',
  extensions: [],
  counts: 'video',
  structure: 'json',
  recognises: ({ json }) => {
    const first = videosOf(json)?.[0]
    return first !== undefined && ('enCap' in first || 'chCap' in first)
  },
  parse,
}

/** The list, or the object by id that others have made of it. */
function videosOf(json: unknown): Record<string, unknown>[] | null {
  if (!isObject(json)) {
    return objectsOf(json)
  }
  return Object.values(json).every(isObject)
    ? Object.entries(json).map(([videoID, video]) => ({ videoID, ...(video as object) }))
    : null
}

function parse({ file, json }: CaptionDocument): CaptionEntry[] {
  return (videosOf(json) ?? []).flatMap((video, place) => {
    const clip = wordOf(video['videoID'])
    const source = clip?.replace(/_\d+_\d+$/, '')
    return LANGUAGES.filter(({ key }) => video[key] != null).flatMap(({ key, language }) =>
      entriesOf(
        { clip, caption: video[key], language },
        {
          file,
          counts: vatex.counts,
          line: place + 1,
        },
      ).map((entry) => (source === undefined ? entry : { ...entry, video: source })),
    )
  })
}
