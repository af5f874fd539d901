/**
 * What a clip shows, as a text that names it: the SHA-256 of its file, and of a part of a video the times behind it,
 * `HASH@12.000-15.500`. Features, small pictures and strips belong to a content and not to a clip; clips of equal
 * content share them.
 */

/** The part of a file that a clip is, in seconds of the file; whole milliseconds. */
export interface Bounds {
  start: number
  end: number
}

/** It names files, so it is checked wherever it comes from a database. */
const CONTENT = /^[0-9a-f]{64}(?:@\d+\.\d{3}-\d+\.\d{3})?$/

export const isContent = (text: string): boolean => CONTENT.test(text)

/** The content of a file, or of a part of it. */
export const contentOf = (fileHash: string, bounds: Bounds | null): string =>
  bounds === null ? fileHash : `${fileHash}@${bounds.start.toFixed(3)}-${bounds.end.toFixed(3)}`

/** The hash of the file that a content is of, or a part of. */
export const fileHashOf = (content: string): string => content.replace(/@.*$/, '')
/** The same in SQL, of a clip. */
export const FILE_HASH = 'substr(content_hash, 1, 64)'
