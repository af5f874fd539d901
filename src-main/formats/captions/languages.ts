/** Languages of captions: their tags, and which of several is meant. */
import { defineFailures } from '../../common/failures.ts'
import { count } from '../../common/text.ts'
import type { CaptionEntry } from './format.ts'

const failures = defineFailures('captions.languages', {
  notInFile: {
    code: 'BAD_INPUT',
    message: '{file} holds no captions in {language}, but {others}.',
    remedy: 'Choose one of its languages.',
  },
})

/** English names to two letters, as Unicode's data has them. */
const TAGS = new Map<string, string>([
  // As older files call it.
  ['slovene', 'sl'],
])
const names = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' })
const letters = 'abcdefghijklmnopqrstuvwxyz'
for (const first of letters) {
  for (const second of letters) {
    const name = names.of(first + second)?.toLowerCase()
    if (name !== undefined && !TAGS.has(name)) {
      TAGS.set(name, first + second)
    }
  }
}

/** `English` and `EN` are `en`; what names no language stays as it is. */
export function languageOf(text: string): string {
  const word = text.trim()
  return TAGS.get(word.toLowerCase()) ?? (/^[a-z]{2,3}([-_]\w+)*$/i.test(word) ? word.toLowerCase() : word)
}

/** `en` as `English`; what is no tag stays as it is. */
export function languageName(tag: string): string {
  try {
    return names.of(tag) ?? tag
  } catch {
    return tag
  }
}

/** Stands for all the languages of a file. */
export const EVERY_LANGUAGE = '*'

/** Languages by how often they occur, the most often first; of equals English. */
export function mostFirst(counts: ReadonlyMap<string, number>): string[] {
  const rank = (language: string): number => counts.get(language)! + (language === 'en' ? 0.5 : 0)
  return [...counts.keys()].sort((a, b) => rank(b) - rank(a))
}

/** `10 in Chinese, 3 in Slovenian`: at most four, and how many others there are. */
export function inLanguages(languages: readonly string[], counts: ReadonlyMap<string, number>): string {
  const each = languages.map(
    (language) => `${counts.get(language)!.toLocaleString('en')} in ${languageName(language)}`,
  )
  const shown = each.length > 4 ? [...each.slice(0, 3), `others in ${each.length - 3} languages`] : each
  return shown.join(', ')
}

/**
 * The captions in one language: the one that is asked for, else that of most, and of equals English. Captions
 * without a language are taken too, and all where every language is asked for. The notice says what was left out. Nothing is left out
 * where all say the same or nothing. Throws BAD_INPUT where no caption is in the language that is asked for.
 */
export function chooseLanguage(
  entries: readonly CaptionEntry[],
  wanted: string | undefined,
  file: string,
): { entries: CaptionEntry[]; notice: string | null } {
  const counts = new Map<string, number>()
  for (const { language } of entries) {
    if (language !== undefined) {
      counts.set(language, (counts.get(language) ?? 0) + 1)
    }
  }
  const languages = mostFirst(counts)
  const chosen = wanted === undefined ? languages[0] : languageOf(wanted)
  const others = languages.filter((language) => language !== chosen)
  if (wanted === EVERY_LANGUAGE || chosen === undefined || others.length === 0) {
    return { entries: [...entries], notice: null }
  }
  const left = inLanguages(others, counts)
  const taken = entries.filter(({ language }) => language === undefined || language === chosen)
  if (taken.length === 0) {
    throw failures.notInFile({ file, language: languageName(chosen), others: left })
  }
  const lost = entries.length - taken.length
  return {
    entries: taken,
    notice: `${file}: of several languages ${languageName(chosen)} was taken; ${count(lost, 'caption')} left out (${left}).`,
  }
}
