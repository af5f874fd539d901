/**
 * What the window says, in every language: `t('review.fixTheCaption')`. The catalogues are the folders en and zh, a file for
 * each room. English is the measure: its keys, and the values in its sentences, are those that TypeScript asks for.
 */
import { useLocalStorage, usePreferredLanguages } from '@vueuse/core'
import { computed, watch } from 'vue'
import { createI18n } from 'vue-i18n'
import { en } from './en/index.ts'
import type { Arguments, MessageKey, PlainKey } from './messages.ts'
import { pseudoOf } from './pseudo.ts'
import { zh } from './zh/index.ts'

export type { Counted, MessageKey, PlainKey } from './messages.ts'

/** The languages that a person can choose, each by its own name. */
export const LANGUAGES = { en: 'English', zh: '中文' } as const
/** `pseudo` is English with marks around every sentence, for tests that look for words outside of the catalogues. */
type Language = keyof typeof LANGUAGES | 'pseudo'
/** How each writes numbers and dates. */
const LOCALES: Record<Language, string> = { en: 'en-GB', zh: 'zh-CN', pseudo: 'en-GB' }

/** What a person chose; `system`: whatever the system prefers. */
export const chosenLanguage = useLocalStorage<Language | 'system'>('vitrine/language', 'system')
const preferred = usePreferredLanguages()

/** The first language of the system that there is a catalogue of, else English. */
export const systemLanguage = computed(
  () => preferred.value.map((tag) => tag.slice(0, 2)).find(isLanguage) ?? 'en',
)
/** The language that the window speaks now. */
export const language = computed<Language>(() =>
  chosenLanguage.value === 'system' ? systemLanguage.value : chosenLanguage.value,
)
/** The locale of its numbers and dates. */
export const locale = computed(() => LOCALES[language.value])

function isLanguage(tag: string): tag is keyof typeof LANGUAGES {
  return tag in LANGUAGES
}

const { global } = createI18n({
  legacy: false,
  locale: language.value as string,
  fallbackLocale: 'en',
  messages: { en, zh, pseudo: pseudoOf(en) } as Record<string, typeof en>,
})
watch(
  language,
  (chosen) => {
    global.locale.value = chosen
  },
  { flush: 'sync' },
)
/** vue-i18n's own types read every catalogue at each call; ours read the one sentence. */
const translate = global.t as (key: string, values: Record<string, string | number>, amount: number) => string

/**
 * A sentence of the catalogue with its values. `amount` chooses between singular and plural where a sentence has both.
 * What depends on the language is asked for when it is shown: in a template, a function, a getter, never when a module loads.
 */
export const t = <Key extends MessageKey>(key: Key, ...[values = {}, amount = 1]: Arguments<Key>): string =>
  translate(key, asTexts(values), amount)

/** vue-i18n takes a value `n` of 0 for a missing one, and says the amount instead: a text it leaves alone. */
const asTexts = (values: Readonly<Record<string, string | number>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))

/** A sentence that is said later: its key, or a function where it has values. */
export type Wording = PlainKey | (() => string)
/** The sentence, in the language that the window speaks now. */
export function worded(wording: Wording): string {
  if (typeof wording === 'function') {
    return wording()
  }
  return translate(wording, {}, 1)
}

/** The language as pages and screen readers know it. */
watch(
  language,
  (chosen) => {
    if (typeof document !== 'undefined') {
      document.documentElement.lang = chosen === 'zh' ? 'zh-CN' : 'en'
    }
  },
  { immediate: true },
)
