/** Clips as the engine takes them, with more or less of what is known of them. `id` is main's. */

/**
 * A file of features: `features` is the path of a .npy file; with `sha256`, the file is held against it when it is first
 * read. `rows`: the row of the file that each frame takes; without it, each its own.
 */
export interface FeatureFile {
  features: string
  sha256?: string
  rows?: readonly number[]
}

/** A clip's features; those of `joined` files follow, frame by frame, the values of its own. */
export interface ClipFeatures extends FeatureFile {
  id: number
  joined?: readonly FeatureFile[]
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
