/**
 * The index of the first frame of each of `segments` equal parts of a clip: floor(i frameCount / segments). A
 * clip with fewer frames than segments gives all its frames, once each.
 */
export function segmentStarts(frameCount: number, segments: number): number[] {
  const n = Math.min(frameCount, segments)
  return Array.from({ length: n }, (_, i) => Math.floor((i * frameCount) / n))
}
