/** Forms of corpora of videos: MSR-VTT, VATEX and ActivityNet Captions. */
import { grouped } from '../../../common/grouped.ts'
import type { CaptionWriter, Clips, WrittenClip } from './written.ts'
import { captionsOf, factsOf, jsonList, TIME } from './written.ts'

/** The file of a form that is one value of JSON. */
const NAME = 'human-captions.json'

export const msrvttWriter: CaptionWriter = {
  format: 'msrvtt',
  loses: TIME,
  files: (clips) => [{ name: NAME, pieces: msrvttPieces(clips) }],
}

const MSRVTT_SPLITS = { train: 'train', val: 'validate', test: 'test' } as const

function* msrvttPieces(clips: Clips): Generator<string> {
  yield* jsonList('{"info": {"description": "Captions of clips"}, "videos": [', msrvttVideos(clips()), '],\n')
  yield* jsonList('"sentences": [', msrvttSentences(clips()), ']}\n')
}

function* msrvttVideos(clips: Iterable<WrittenClip>): Generator<object> {
  for (const { id, name, split, duration } of clips) {
    yield {
      id,
      video_id: name,
      split: MSRVTT_SPLITS[split],
      'start time': 0,
      ...(duration === null ? {} : { 'end time': duration }),
    }
  }
}

function* msrvttSentences(clips: Iterable<WrittenClip>): Generator<object> {
  for (const [{ name }, caption] of captionsOf(clips)) {
    yield { sen_id: caption.id, video_id: name, caption: caption.text, ...factsOf(caption) }
  }
}

export const vatexWriter: CaptionWriter = {
  format: 'vatex',
  loses:
    'captions in other languages than English and Chinese, and of the others author, source, time and split; what says no language counts as English',
  files: (clips) => [{ name: NAME, pieces: jsonList('[', vatexVideos(clips()), ']\n') }],
}

function* vatexVideos(clips: Iterable<WrittenClip>): Generator<object> {
  for (const { name, captions } of clips) {
    const inLanguage = (test: (language: string) => boolean): string[] =>
      captions.filter(({ language }) => test(language ?? 'en')).map(({ text }) => text)
    const enCap = inLanguage((language) => /^en\b/.test(language))
    const chCap = inLanguage((language) => /^zh\b/.test(language))
    if (enCap.length + chCap.length > 0) {
      yield {
        videoID: name,
        ...(enCap.length > 0 ? { enCap } : {}),
        ...(chCap.length > 0 ? { chCap } : {}),
      }
    }
  }
}

export const activitynetWriter: CaptionWriter = {
  format: 'activitynet',
  loses: 'language, author, source, time and split',
  files: (clips) => [{ name: NAME, pieces: activitynetPieces(clips) }],
}

function* activitynetPieces(clips: Clips): Generator<string> {
  let mark = '{'
  for (const [video, parts] of byVideo(clips)) {
    yield `${mark}\n${JSON.stringify(video)}: ${JSON.stringify(activitynetVideo(parts))}`
    mark = ','
  }
  yield `${mark === '{' ? '{' : ''}\n}\n`
}

function activitynetVideo(parts: readonly WrittenClip[]): object {
  const sentences = parts.flatMap((clip) =>
    clip.captions.map(({ text }) => ({ text, timestamp: timesOf(clip) })),
  )
  return {
    duration: Math.max(...parts.map((clip) => timesOf(clip)[1])),
    timestamps: sentences.map(({ timestamp }) => timestamp),
    sentences: sentences.map(({ text }) => text),
  }
}

/** Clips by the video that they are, or are parts of; those without captions are left out. */
export function byVideo(clips: Clips): Map<string, WrittenClip[]> {
  const captioned = [...clips()].filter(({ captions }) => captions.length > 0)
  return grouped(
    captioned,
    ({ part, name }) => part?.video ?? name,
    (clip) => clip,
  )
}

/** Seconds of a clip whose length is not known, such as a picture: something stands there that is no part. */
const UNKNOWN_LENGTH = 1

/** From which second of its video to which a clip is. */
export const timesOf = ({ part, duration }: WrittenClip): [start: number, end: number] =>
  part === null ? [0, duration ?? UNKNOWN_LENGTH] : [part.start, part.end]
