/** How sentences for people put numbers and names. */

/** `1 clip`, `1,240 clips`. */
export const count = (n: number, noun: string): string =>
  `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : 's'}`

/** `3.1 MB`: powers of 1000, as disks are sold. */
export function byteCount(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1)
  const scaled = bytes / 1000 ** power
  return `${scaled < 10 && power > 0 ? scaled.toFixed(1) : scaled.toFixed(0)} ${units[power] ?? 'B'}`
}

/** Seconds as people guess them: `40 seconds`, `25 minutes`, `7.5 hours`. */
export function roughly(seconds: number): string {
  if (seconds < 90) {
    return count(Math.max(1, Math.round(seconds)), 'second')
  }
  return seconds < 5400
    ? count(Math.round(seconds / 60), 'minute')
    : `${(seconds / 3600).toLocaleString('en', { maximumFractionDigits: 1 })} hours`
}

/** The first few of many names: `a, b, c and 4 more`; `total`: how many there are where `names` are not all. */
export function someOf(names: readonly string[], limit = 3, total = names.length): string {
  const shown = names.slice(0, limit)
  return total > shown.length ? `${shown.join(', ')} and ${total - shown.length} more` : shown.join(', ')
}

/** Words as they were written, all of them: `"red", "blue"`. */
export const quoted = (words: readonly string[]): string => words.map((word) => `"${word}"`).join(', ')
