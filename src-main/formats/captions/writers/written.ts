/** What is written of clips and their captions, whichever format it goes into. */
import type { Split } from '#contract'

export interface WrittenCaption {
  id: number
  text: string
  /** A tag of BCP 47 such as `en`; null: it is not known, as with the others. */
  language: string | null
  author: string | null
  source: string | null
  /** When a person typed or edited it, ISO 8601 in UTC. */
  at: string | null
}

export interface WrittenClip {
  id: number
  name: string
  /** The name with the extension of its file, where that is its own. */
  file: string
  split: Split
  /** The video that it is a part of, and from which second to which; null: it is no part. */
  part: { video: string; start: number; end: number } | null
  /** Seconds; null: not known, or of a picture. */
  duration: number | null
  captions: WrittenCaption[]
}

export interface WrittenFile {
  name: string
  pieces: Iterable<string>
}

/** Clips in their order, as often as they are asked for: files are written while they are read. */
export type Clips = () => Iterable<WrittenClip>

export interface CaptionWriter {
  /** The format that reads it back: see `CAPTION_FORMATS`. */
  format: string
  /** What it can't carry, or what does not come back, in words that go on `It loses ...`; null: nothing. */
  loses: string | null
  /** Where the media of a clip stands in the folder, and whether it has to: clips without are left out then. */
  media?: { path(clip: Pick<WrittenClip, 'split' | 'file'>): string; isNeeded: boolean }
  files(clips: Clips): WrittenFile[]
}

/** What formats lose whose readers have no time of a caption. */
export const TIME = 'the time of a caption, which stands there and is not read'

/** What is known of a caption, under the names that readers know. */
export function factsOf({ language, author, source, at }: WrittenCaption): Record<string, string> {
  const facts = { language, author, source, written_at: at }
  return Object.fromEntries(
    Object.entries(facts).filter((fact): fact is [string, string] => fact[1] !== null),
  )
}

/** A list of JSON, a value a line, between what stands before and behind it. */
export function* jsonList(before: string, values: Iterable<unknown>, behind: string): Generator<string> {
  let mark = before
  for (const value of values) {
    yield `${mark}\n${JSON.stringify(value)}`
    mark = ','
  }
  yield `${mark === before ? before : ''}\n${behind}`
}

/** The captions of all clips, each with its clip. */
export function* captionsOf(clips: Iterable<WrittenClip>): Generator<[WrittenClip, WrittenCaption]> {
  for (const clip of clips) {
    for (const caption of clip.captions) {
      yield [clip, caption]
    }
  }
}
