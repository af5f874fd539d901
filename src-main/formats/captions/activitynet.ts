/** ActivityNet Captions: videos by name, each with the parts that its sentences are about, in seconds. */
import { defineFailures } from '../../common/failures.ts'
import type { CaptionDocument, CaptionEntry, CaptionFormat } from './format.ts'
import { entriesOf } from './records.ts'
import { firstValue, isObject, objectsOf, requireKeysOnce } from './values.ts'

const failures = defineFailures('captions.activitynet', {
  counts: {
    code: 'BAD_INPUT',
    message: '{file} video {video}: {clip} has {sentences:sentence|sentences} and {timestamps:time|times}.',
  },
  timestamp: {
    code: 'BAD_INPUT',
    message: '{file} video {video}: time {part} of {clip} is no start and end in seconds.',
  },
})

export const activitynet: CaptionFormat = {
  name: 'activitynet',
  title: 'ActivityNet Captions',
  accepts: 'ActivityNet Captions with timestamps and sentences',
  follows: 'train.json, val_1.json and submissions as read by evaluate.py of densevid_eval',
  extensions: [],
  counts: 'video',
  structure: 'json',
  recognises: ({ json }) =>
    isObject(json) && (isVideo(firstValue(json)) || isResult(firstValue(resultsOf(json)))),
  parse,
}

const isVideo = (value: unknown): boolean =>
  isObject(value) && Array.isArray(value['timestamps']) && Array.isArray(value['sentences'])

/** What a system says: a list for each video. */
const isResult = (value: unknown): boolean => {
  const first = objectsOf(value)?.[0]
  return first !== undefined && 'timestamp' in first && 'sentence' in first
}

const resultsOf = (json: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  isObject(json['results']) ? json['results'] : {}

function parse(document: CaptionDocument): CaptionEntry[] {
  requireKeysOnce(document)
  const { file, json } = document
  const videos = json as Record<string, unknown>
  const all = isVideo(firstValue(videos)) ? videos : resultsOf(videos)
  return Object.entries(all).flatMap(([clip, video], place) => {
    const at = { file, video: place + 1, clip }
    const { timestamps, sentences } = partsOf(video)
    if (sentences.length !== timestamps.length) {
      throw failures.counts({ ...at, sentences: sentences.length, timestamps: timestamps.length })
    }
    return sentences.flatMap((caption, part) => {
      const [start, end, more] = [timestamps[part]].flat() as unknown[]
      if (typeof start !== 'number' || typeof end !== 'number' || more !== undefined) {
        throw failures.timestamp({ ...at, part: part + 1 })
      }
      // Some parts of the public files end before they begin: the loaders take them the other way round.
      const bounds = { start: Math.min(start, end), end: Math.max(start, end) }
      return entriesOf(
        { clip, caption, ...bounds },
        {
          file,
          counts: activitynet.counts,
          line: place + 1,
        },
      )
    })
  })
}

function partsOf(video: unknown): { timestamps: readonly unknown[]; sentences: readonly unknown[] } {
  const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
  if (isObject(video)) {
    return { timestamps: listOf(video['timestamps']), sentences: listOf(video['sentences']) }
  }
  const results = objectsOf(video) ?? []
  return {
    timestamps: results.map(({ timestamp }) => timestamp),
    sentences: results.map(({ sentence }) => sentence),
  }
}
