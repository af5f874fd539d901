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

/**
 * The captions in one language: the one that is asked for, else that of most, and of equals English. Captions
 * without a language are taken too. The notice says what was left out, and how to have it. Nothing is left out
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
  const rank = (language: string): number => counts.get(language)! + (language === 'en' ? 0.5 : 0)
  const [most] = [...counts.keys()].sort((a, b) => rank(b) - rank(a))
  const chosen = wanted === undefined ? most : languageOf(wanted)
  const others = [...counts.keys()]
    .filter((language) => language !== chosen)
    .sort((a, b) => rank(b) - rank(a))
  if (chosen === undefined || others.length === 0) {
    return { entries: [...entries], notice: null }
  }
  const left = others.map(
    (language) => `${counts.get(language)!.toLocaleString('en')} in ${languageName(language)}`,
  )
  const shown = left.length > 4 ? [...left.slice(0, 3), `others in ${left.length - 3} languages`] : left
  const taken = entries.filter(({ language }) => language === undefined || language === chosen)
  if (taken.length === 0) {
    throw failures.notInFile({ file, language: languageName(chosen), others: shown.join(', ') })
  }
  const lost = entries.length - taken.length
  return {
    entries: taken,
    notice: `${file}: of several languages ${languageName(chosen)} was taken; ${count(lost, 'caption')} left out (${shown.join(', ')}). An import takes another where its language is set (--language).`,
  }
}
