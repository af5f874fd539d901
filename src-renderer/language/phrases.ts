/**
 * Short phrases that main says in English and without a key: titles of jobs and steps, phases of work, units, states. The English
 * is the key, and what varies in it stands in braces: `Find {n} topics`. What no table knows is said as main says it.
 */
import { language } from './index.ts'
import { pseudoOf } from './pseudo.ts'
import { phrases as zh } from './zh/phrases.ts'

/** What a phrase is of. A value of a phrase whose name is one of these, such as `counted` or `counted2`, is a phrase, too. */
export type PhraseKind = keyof typeof zh
type Table = Readonly<Record<string, string>>

/** The English of the phrases that are known, by itself. */
const english = Object.fromEntries(
  Object.entries(zh).map(([kind, table]) => [
    kind,
    Object.fromEntries(Object.keys(table).map((text) => [text, text])),
  ]),
)
const TABLES: Partial<Record<string, Readonly<Record<string, Table>>>> = { zh, pseudo: pseudoOf(english) }

/** The phrase in the language of the window. Chinese values bring spaces along where Latin letters begin or end. */
export const phrase = (kind: PhraseKind, english: string): string => phraseOf(kind, english).trim()

/** The same of a kind that a text names; of no kind that there is, it is data and stays as it is. */
export function phraseOf(kind: string, words: string): string {
  for (const { pattern, text } of templatesOf(TABLES[language.value]?.[kind])) {
    const found = pattern.exec(words)
    if (found !== null) {
      return text.replaceAll(VALUE, (_, name: string) =>
        phraseOf(name.replace(/\d$/, ''), found.groups?.[name] ?? ''),
      )
    }
  }
  return words
}

interface Template {
  /** Matches the whole phrase, and each value by its name. */
  pattern: RegExp
  text: string
}

const VALUE = /\{(\w+)\}/g
const templates = new WeakMap<Table, readonly Template[]>()

function templatesOf(table: Table | undefined): readonly Template[] {
  if (table === undefined) {
    return []
  }
  const known =
    templates.get(table) ??
    Object.entries(table).map(([english, text]) => ({ pattern: patternOf(english), text }))
  templates.set(table, known)
  return known
}

function patternOf(english: string): RegExp {
  const parts = english.split(VALUE).map((part, i) => (i % 2 === 0 ? escaped(part) : valuePattern(part)))
  return new RegExp(`^${parts.join('')}$`, 's')
}

/** `{n}` is a number, as is `{n2}`. */
const valuePattern = (name: string): string =>
  `(?<${name}>${/^n\d?$/.test(name) ? String.raw`[\d.,]*\d` : '.+?'})`

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
