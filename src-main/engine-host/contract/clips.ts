/** Clips as the engine takes them, with more or less of what is known of them. `id` is main's. */

/**
 * A clip's features: `features` is the path of its .npy file; with `sha256`, the file is held against it when
 * it is first read.
 */
export interface ClipFeatures {
  id: number
  features: string
  sha256?: string
}

/** `topics`: the columns that are 1 in its topic vector s. */
export interface LabelledClip extends ClipFeatures {
  topics: number[]
}

export interface CaptionedClip extends LabelledClip {
  captions: string[]
}

/** The words that a clip's captions consist of, for its topics. */
export interface TopicDocument {
  id: number
  captions: string[]
}
