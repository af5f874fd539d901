/** What is decoded: a file or a folder, or a part of it. */

export interface MediaSource {
  /** A video, an animated GIF, a still picture, or a folder of frames: which of them is told by looking. */
  path: string
  /** Seconds of the file; null: from its beginning, to its end. Times of what is decoded count from `start`. */
  start: number | null
  end: number | null
}

export const wholeSource = (path: string): MediaSource => ({ path, start: null, end: null })

/** A path alone means all of it. */
export const sourceOf = (source: MediaSource | string): MediaSource =>
  typeof source === 'string' ? wholeSource(source) : source
