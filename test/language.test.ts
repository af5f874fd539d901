/** What the window says is in both of its languages, with the same values; and so is what src-main fails with. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { CAPTION_FORMATS } from '../src-main/formats/captions/index.ts'
import { CAPTION_WRITERS } from '../src-main/formats/captions/writers/index.ts'
import { allFailures } from '../scripts/failure-tables.ts'

type Catalogue = Readonly<Record<string, Readonly<Record<string, string>>>>
type Failures = Readonly<Record<string, Readonly<Record<string, FailureText>>>>
const { en } = await vi.importActual<{ en: Catalogue }>('../src-renderer/language/en/index.ts')
const { zh } = await vi.importActual<{ zh: Catalogue }>('../src-renderer/language/zh/index.ts')
const { failures: chinese } = await vi.importActual<{ failures: Failures }>(
  '../src-renderer/language/zh/failures/index.ts',
)
const { phrases } = await vi.importActual<{ phrases: Catalogue }>('../src-renderer/language/zh/phrases.ts')

/** The values that stand in a sentence, each once. What is quoted in braces is text. */
const valuesIn = (text: string): string[] =>
  [...new Set([...text.matchAll(/\{(\w+)(:[^}]*)?\}/g)].map(([, name]) => name!))].sort()

const sentences = (catalogue: Catalogue) =>
  Object.entries(catalogue).flatMap(([room, texts]) =>
    Object.entries(texts).map(([name, text]) => ({ key: `${room}.${name}`, text })),
  )
const english = sentences(en)
const translated = new Map(sentences(zh).map(({ key, text }) => [key, text]))

describe('the catalogues', () => {
  it('say every sentence in Chinese, with the values of the English one', () => {
    const wrong = english.filter(
      ({ key, text }) =>
        String(valuesIn(translated.get(key) ?? '')) !== String(valuesIn(text)) ||
        (translated.get(key) ?? '').trim() === '',
    )
    expect(wrong).toEqual([])
    expect([...translated.keys()].filter((key) => !english.some((sentence) => sentence.key === key))).toEqual(
      [],
    )
  })

  it('have no sentence in Chinese that is English still', () => {
    const isEnglish = (text: string): boolean =>
      !/\p{Script=Han}/u.test(text) && text.replaceAll(/\{[^}]*\}/g, '').split(/[a-z]{2,}/i).length > 5
    expect([...translated].filter(([, text]) => isEnglish(text))).toEqual([])
  })

  it('have no sentence that nobody says', () => {
    const root = join(import.meta.dirname, '../src-renderer')
    const sources = globSync('**/*.{ts,vue}', { cwd: root })
      .filter((file) => !file.startsWith('language'))
      .map((file) => readFileSync(join(root, file), 'utf8'))
      .join('\n')
    const spoken = new Set([...sources.matchAll(/'([a-z]\w*\.\w+)'/g)].map(([, key]) => key!))
    // Rooms whose sentences are chosen by a name: t(`counts.${noun}`).
    const byName = new Set([...sources.matchAll(/`([a-z]\w*)\.\$\{/g)].map(([, room]) => room!))
    expect(english.filter(({ key }) => !spoken.has(key) && !byName.has(key.split('.')[0]!))).toEqual([])
  })
})

interface FailureText {
  message: string
  remedy?: string
}

/** What a failure's sentences consist of, whatever the language. */
const partsOf = ({ message, remedy }: FailureText) => ({
  values: valuesIn(`${message} ${remedy ?? ''}`),
  hasRemedy: remedy !== undefined,
})

describe('failures', () => {
  it('of every area say the same in Chinese, with the same values, and a remedy where the English has one', async () => {
    const ofMain = await allFailures()
    expect(ofMain.size).toBeGreaterThan(500)
    const translated = Object.entries(chinese).flatMap(([area, texts]) =>
      Object.entries(texts).map(([name, text]) => [`${area}.${name}`, partsOf(text)] as const),
    )
    const english = [...ofMain].map(([key, text]) => [key, partsOf(text)] as const)
    expect(Object.fromEntries(translated)).toMatchObject(Object.fromEntries(english))
  })
})

describe('phrases of main', () => {
  const root = join(import.meta.dirname, '../src-main')
  const sources = globSync('**/*.ts', { cwd: root }).map((file) => readFileSync(join(root, file), 'utf8'))
  /** The texts that stand after a name in main's source: `phase: 'saving'`. */
  const textsAfter = (name: string): string[] => [
    ...new Set(
      sources.flatMap((source) =>
        [...source.matchAll(new RegExp(`\\b${name}: '([^']+)'`, 'g'))].map(([, text]) => text!),
      ),
    ),
  ]

  it('are Chinese wherever a phase or a unit is written as one', () => {
    const { phase = {}, unit = {} } = phrases
    expect(textsAfter('phase').length).toBeGreaterThan(30)
    expect(textsAfter('phase').filter((text) => !(text in phase))).toEqual([])
    expect(textsAfter('unit').filter((text) => !(text in unit))).toEqual([])
  })

  it('are Chinese of all that a format of captions is called and loses', () => {
    const { format = {}, loses = {} } = phrases
    const writers = Object.values(CAPTION_WRITERS)
    const losses = writers.map((writer) => writer.loses).filter((text) => text !== null)
    expect(CAPTION_FORMATS.map(({ title }) => title).filter((title) => !(title in format))).toEqual([])
    expect(losses.length).toBeGreaterThan(5)
    expect(losses.filter((text) => !(text in loses))).toEqual([])
  })

  it('have the same values in Chinese, and failures name kinds that there are', () => {
    const wrong = Object.values(phrases).flatMap((table) =>
      Object.entries(table).filter(([english, text]) => String(valuesIn(english)) !== String(valuesIn(text))),
    )
    expect(wrong).toEqual([])
    const kinds = [...JSON.stringify(chinese).matchAll(/\{\w+:(\w+)\}/g)].map(([, kind]) => kind!)
    expect(kinds).toContain('place')
    expect(kinds.filter((kind) => !(kind in phrases))).toEqual([])
  })
})
