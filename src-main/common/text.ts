/** How sentences for people put numbers and names. */

/** `1 clip`, `1,240 clips`. */
export const count = (n: number, noun: string): string =>
  `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : 's'}`

/** The first few of many names: `a, b, c and 4 more`; `total`: how many there are where `names` are not all. */
export function someOf(names: readonly string[], limit = 3, total = names.length): string {
  const shown = names.slice(0, limit)
  return total > shown.length ? `${shown.join(', ')} and ${total - shown.length} more` : shown.join(', ')
}

/** Words as they were written, all of them: `"red", "blue"`. */
export const quoted = (words: readonly string[]): string => words.map((word) => `"${word}"`).join(', ')
