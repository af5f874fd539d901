import { BOUND_TOLERANCE } from '../source.ts'
import type { MediaSource } from '../source.ts'

/** The ffmpeg filters that let through only what is between the bounds of a source. */
export function boundsFilter({ start, end }: Pick<MediaSource, 'start' | 'end'>): string[] {
  if (start === null && end === null) {
    return []
  }
  const from = (start ?? 0) - BOUND_TOLERANCE
  const to = end === null ? '' : `*lt(t\\,${end - BOUND_TOLERANCE})`
  return [`select=gte(t\\,${from})${to}`]
}
