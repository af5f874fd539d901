/** What the window says is in both of its languages, with the same values; what src-main fails with, as far as it is translated. */
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

describe('failures', async () => {
  const SOURCES = join(import.meta.dirname, '../src-main')
  const errors: { key: string; values: string[] }[] = []
  for (const file of globSync('**/*.ts', { cwd: SOURCES })) {
    if (!/export const failures = defineFailures\('/.test(readFileSync(join(SOURCES, file), 'utf8'))) {
      continue
    }
    const module = (await import(join(SOURCES, file))) as {
      failures?: Record<string, (values: object) => VitrineError>
    }
    for (const fail of Object.values(module.failures ?? {})) {
      const names = new Set<string>()
      const error = fail(
        new Proxy({}, { get: (_, name) => (typeof name === 'string' && names.add(name), 7) }),
      )
      errors.push({ key: error.key, values: [...names].sort() })
    }
  }
  const areaOf = (key: string): string => key.slice(0, key.lastIndexOf('.'))

  it('of the areas that are translated say the same in Chinese, with the same values', () => {
    const done = errors.filter(({ key }) => areaOf(key) in chinese)
    expect(done.length).toBeGreaterThan(5)
    expect(
      done.map(({ key }) => {
        const text = chinese[areaOf(key)]?.[key.slice(key.lastIndexOf('.') + 1)]
        return { key, values: valuesIn(`${text?.message ?? ''}${text?.remedy ?? ''}`) }
      }),
    ).toEqual(done)
  })
})
