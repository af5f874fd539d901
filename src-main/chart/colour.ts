/**
 * Colour that means data. A topic has one colour for life, from its id unless a person gave it a hue: equal
 * lightness and chroma, hues a golden angle apart, so that neighbours in any list differ. Magnitude is a
 * perceptual ramp (viridis).
 */

/** The hue that follows from a topic's id, in degrees. */
export const usualHue = (topicId: number): number => (topicId * 137.508) % 360

/** CSS colour of a hue as topics have it, for both themes. It marks, it never carries text. */
export function hueColour(degrees: number): string {
  const hue = degrees.toFixed(1)
  return `light-dark(oklch(0.62 0.13 ${hue}), oklch(0.74 0.125 ${hue}))`
}

/** Eleven stops of viridis (Smith and van der Walt, 2015), from 0 to 1. */
const VIRIDIS = [
  [68, 1, 84],
  [72, 36, 117],
  [65, 68, 135],
  [53, 95, 141],
  [42, 120, 142],
  [33, 145, 140],
  [34, 168, 132],
  [68, 191, 112],
  [122, 209, 81],
  [189, 223, 38],
  [253, 231, 37],
] as const

/** The ramp's colour at `value`, 0 to 1 (clamped), as [r, g, b] of 0 to 255. */
export function viridis(value: number): [number, number, number] {
  const place = Math.min(Math.max(value, 0), 1) * (VIRIDIS.length - 1)
  const low = VIRIDIS[Math.floor(place)] ?? VIRIDIS[0]
  const high = VIRIDIS[Math.ceil(place)] ?? low
  const mix = place - Math.floor(place)
  return [0, 1, 2].map((i) => Math.round((low[i] ?? 0) * (1 - mix) + (high[i] ?? 0) * mix)) as [
    number,
    number,
    number,
  ]
}

/** Black or white, whichever reads better on an sRGB colour (relative luminance of WCAG 2). */
export function inkOn([r, g, b]: readonly [number, number, number]): 'black' | 'white' {
  const linear = [r, g, b].map((c) =>
    c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
  )
  const luminance = 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0)
  return luminance > 0.179 ? 'black' : 'white'
}
