/** What the window says is in both of its languages, with the same values; and so is what src-main fails with. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { VitrineError } from '../src-main/common/failures.ts'

type Catalogue = Readonly<Record<string, Readonly<Record<string, string>>>>
type Failures = Readonly<Record<string, Readonly<Record<string, { message: string; remedy?: string }>>>>
const { en } = await vi.importActual<{ en: Catalogue }>('../src-renderer/language/en/index.ts')
const { zh } = await vi.importActual<{ zh: Catalogue }>('../src-renderer/language/zh/index.ts')
const { failures: chinese } = await vi.importActual<{ failures: Failures }>(
  '../src-renderer/language/zh/failures/index.ts',
)

/** The values that stand in a sentence, each once. What is quoted in braces is text. */
const valuesIn = (text: string): string[] =>
  [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!))].sort()

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

/** A failure, and what its sentences consist of. */
interface Said {
  key: string
  values: string[]
  remedy: boolean
}

describe('failures', async () => {
  const SOURCES = join(import.meta.dirname, '../src-main')
  const english: Said[] = []
  for (const file of globSync('**/*.ts', { cwd: SOURCES })) {
    if (!/^export const failures = defineFailures\('/m.test(readFileSync(join(SOURCES, file), 'utf8'))) {
      continue
    }
    const { failures } = (await import(join(SOURCES, file))) as {
      failures: Record<string, (values: object) => VitrineError>
    }
    for (const fail of Object.values(failures)) {
      const names = new Set<string>()
      const error = fail(
        new Proxy({}, { get: (_, name) => (typeof name === 'string' && names.add(name), 7) }),
      )
      english.push({ key: error.key, values: [...names].sort(), remedy: error.remedy !== null })
    }
  }
  const translated: Said[] = Object.entries(chinese).flatMap(([area, texts]) =>
    Object.entries(texts).map(([name, { message, remedy }]) => ({
      key: `${area}.${name}`,
      values: valuesIn(`${message}${remedy ?? ''}`),
      remedy: remedy !== undefined,
    })),
  )
  const byKey = (all: readonly Said[]) => Object.fromEntries(all.map(({ key, ...said }) => [key, said]))
  /** Areas that `defineFailures` doesn't make: the window's own, and that of the contract. */
  const OTHER_AREAS = /^(window|input)\./

  it('of every area say the same in Chinese, with the same values, and a remedy where the English has one', () => {
    expect(english.length).toBeGreaterThan(500)
    expect(byKey(translated.filter(({ key }) => !OTHER_AREAS.test(key)))).toEqual(byKey(english))
  })
})
