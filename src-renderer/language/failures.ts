/**
 * Failures in the language of the window. They come with a key and values beside their English sentence: another language has
 * a table of its own from keys to sentences, such as zh/failures, and what it lacks is said in English.
 */
import type { Failure } from '#contract'
import type { FailureTexts } from './failure-texts.ts'
import { language, locale } from './index.ts'
import { phraseOf } from './phrases.ts'
import { failures as zh } from './zh/failures/index.ts'

type Areas = Readonly<Partial<Record<string, FailureTexts>>>
const TABLES: Partial<Record<string, Areas>> = { zh }

/** What happened, and what to do. */
export function tell({
  key,
  values,
  message,
  remedy,
}: Omit<Failure, 'code'>): Pick<Failure, 'message' | 'remedy'> {
  const nameAt = key.lastIndexOf('.')
  const text = TABLES[language.value]?.[key.slice(0, nameAt)]?.[key.slice(nameAt + 1)]
  if (text === undefined) {
    return { message, remedy }
  }
  return {
    message: filled(text.message, values),
    remedy: text.remedy === undefined ? null : filled(text.remedy, values),
  }
}

const filled = (text: string, values: Failure['values']): string =>
  text.replaceAll(/\{(\w+)(?::(\w+))?\}/g, (_, name: string, kind = '') => {
    const value = values[name] ?? ''
    return typeof value === 'number' ? value.toLocaleString(locale.value) : phraseOf(String(kind), value)
  })
