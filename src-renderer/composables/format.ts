/** Numbers and times as people read them in the language of the window. */

import { computed } from 'vue'
import type { Counted } from '../language/index.ts'
import { locale, t } from '../language/index.ts'

const integer = computed(() => new Intl.NumberFormat(locale.value, { maximumFractionDigits: 0 }))

/** 1970 -> "1,970" */
export const count = (value: number): string => integer.value.format(value)

/** "1 clip", "1,970 clips". A noun that the catalogue of `counts` lacks is English. */
export const plural = (value: number, noun: Counted): string =>
  t(`counts.${noun}`, { n: count(value) }, value)

/**
 * A metric or score with three decimals; "–" where there is none. The minus is a true one, as wide as the
 * plus.
 */
export function score(value: number | null | undefined, digits = 3): string {
  if (value === null || value === undefined) {
    return '–'
  }
  const text = value.toFixed(digits)
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−')
}

/** A difference with its sign: "+0.012", "−0.004", "0.000". */
export function signed(value: number, digits = 3): string {
  const text = score(value, digits)
  return value > 0 && Number(text) !== 0 ? `+${text}` : text
}

/** 0.873 -> "87 %" */
export const percent = (share: number, digits = 0): string => `${(share * 100).toFixed(digits)} %`

/** Seconds as a clock: 3.2 -> "0:03", 4000 -> "1:06:40". */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  if (parts[0] === 0) {
    parts.shift()
  }
  return parts.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, '0'))).join(':')
}

/** The part of its video that a clip is: "12.00–15.50 s of its video"; null: all of it. */
export function partOf({ start, end }: { start?: number | null; end?: number | null }): string | null {
  const isPart = typeof start === 'number' && typeof end === 'number'
  return isPart ? t('format.partOfItsVideo', { start: start.toFixed(2), end: end.toFixed(2) }) : null
}

/** Seconds as a duration: "0.8 s", "42 s", "3 min 20 s", "2 h 5 min". */
export function duration(seconds: number): string {
  if (seconds < 10) {
    return t('format.seconds', { seconds: seconds.toFixed(1) })
  }
  const whole = Math.round(seconds)
  if (whole < 60) {
    return t('format.seconds', { seconds: whole })
  }
  if (whole < 3600) {
    return t('format.minutes', { minutes: Math.floor(whole / 60), seconds: whole % 60 })
  }
  return t('format.hours', { hours: Math.floor(whole / 3600), minutes: Math.floor((whole % 3600) / 60) })
}

/** Seconds as people guess them: "40 seconds", "25 minutes", "7.5 hours". */
export function roughly(seconds: number): string {
  if (seconds < 90) {
    return plural(Math.max(1, Math.round(seconds)), 'second')
  }
  return seconds < 5400
    ? plural(Math.round(seconds / 60), 'minute')
    : t('format.wholeHours', { hours: (seconds / 3600).toFixed(1) })
}

/** A rate with two significant digits below ten: "0.42", "7.3", "1,204". */
export const rate = (value: number): string =>
  value < 10 ? String(Number(value.toPrecision(2))) : count(value)

/** "3.1 MB" (powers of 1000, as disks and downloads are sold). */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = value < 1 ? 0 : Math.min(Math.floor(Math.log10(value) / 3), units.length - 1)
  const scaled = value / 1000 ** power
  return `${scaled < 10 && power > 0 ? scaled.toFixed(1) : scaled.toFixed(0)} ${units[power] ?? 'B'}`
}

/** An ISO time as the local hour "12:04:31", or with its day when that is not today. */
export function time(iso: string): string {
  const date = new Date(iso)
  const hour = date.toLocaleTimeString(locale.value)
  if (date.toDateString() === new Date().toDateString()) {
    return hour
  }
  return `${date.toLocaleDateString(locale.value, { day: 'numeric', month: 'short', year: 'numeric' })} ${hour.slice(0, 5)}`
}

/** Why a path as it is typed will not do, in a sentence; null: it will. Nobody at a window knows where main was started. */
export const whyNotPath = (path: string): string | null =>
  path === '' || /^(?:[\\/~]|file:|[a-z]:[\\/])/i.test(path) ? null : t('format.aWholePathIsNeeded')

/** A folder joined with a name, with the folder's own separator. */
export function joinPath(folder: string, name: string): string {
  const separator = folder.includes('\\') && !folder.includes('/') ? '\\' : '/'
  return folder.endsWith(separator) ? folder + name : folder + separator + name
}
