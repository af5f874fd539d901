/**
 * MSR-VTT's videodatainfo.json: `videos` with their split, category and where in a YouTube video they were cut
 * out, and `sentences` of them. That start and end are times of the source: the clip's file is all between.
 */
import { CLIP_KEYS } from './columns.ts'
import type { CaptionDocument, CaptionEntry, CaptionFormat } from './format.ts'
import { captionFacts, entriesOf, wordOf } from './records.ts'
import { isObject, objectsOf } from './values.ts'

export const msrvtt: CaptionFormat = {
  name: 'msrvtt',
  title: 'MSR-VTT (videodatainfo.json)',
  accepts: "MSR-VTT's JSON with videos and sentences, also in its zip",
  follows:
    'train_val_videodatainfo.json and its readme.txt, as read by prepro_vocab.py of video-caption.pytorch',
  extensions: ['.json', '.zip'],
  counts: 'sentence',
  structure: 'json',
  recognises: ({ json }) => isObject(json) && isSentences(json['sentences']),
  parse,
}

function isSentences(value: unknown): boolean {
  const first = objectsOf(value)?.[0]
  return first !== undefined && 'caption' in first
}

function parse({ file, json }: CaptionDocument): CaptionEntry[] {
  const { videos, sentences } = json as Record<string, unknown>
  const facts = new Map((objectsOf(videos) ?? []).map((video) => [wordOf(video['video_id']), factsOf(video)]))
  return (objectsOf(sentences) ?? []).flatMap((sentence, place) => {
    const clip = CLIP_KEYS.map((key) => wordOf(sentence[key])).find((name) => name !== undefined)
    const at = { file, counts: msrvtt.counts, line: place + 1 }
    const values = { clip, caption: sentence['caption'] ?? null, ...captionFacts(sentence) }
    return entriesOf(values, at).map((entry) => ({
      ...entry,
      ...facts.get(entry.clip),
    }))
  })
}

function factsOf(video: Readonly<Record<string, unknown>>): Partial<CaptionEntry> {
  const split = wordOf(video['split'])
  const category = wordOf(video['category'])
  const source = wordOf(video['url'])
  return {
    ...(split !== undefined && { split }),
    ...(category !== undefined && { category }),
    ...(source !== undefined && { video: source }),
  }
}
