import { globSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CancelledError, defineFailures, toError, VitrineError } from '../../src-main/common/failures.ts'
import { toFailure } from '../../src-main/common/to-failure.ts'

const failures = defineFailures('test', {
  plain: { code: 'NOT_READY', message: 'No model is trained yet.' },
  left: {
    code: 'BAD_INPUT',
    message: '{file} gives no split for {clips:clip|clips}.',
    remedy: 'Add them to {file}.',
  },
})

it('says a failure in words, with a key and the values that are in them', () => {
  expect(toFailure(failures.plain())).toEqual({
    code: 'NOT_READY',
    key: 'test.plain',
    values: {},
    message: 'No model is trained yet.',
    remedy: null,
  })
  expect(toFailure(failures.left({ file: 'split.tsv', clips: 1200 }))).toEqual({
    code: 'BAD_INPUT',
    key: 'test.left',
    values: { file: 'split.tsv', clips: 1200 },
    message: 'split.tsv gives no split for 1,200 clips.',
    remedy: 'Add them to split.tsv.',
  })
  expect(failures.left({ file: 'a.tsv', clips: 1 }).message).toBe('a.tsv gives no split for 1 clip.')
})

it('keeps what caused it', () => {
  const cause = new Error('ENOENT')
  expect(failures.plain({}, { cause }).cause).toBe(cause)
})

it('leaves braces with quotes in them as they are', () => {
  const { lines } = defineFailures('test', {
    lines: { code: 'BAD_INPUT', message: '{file} has no lines {"video": "..."}.' },
  })
  expect(lines({ file: 'a.jsonl' }).message).toBe('a.jsonl has no lines {"video": "..."}.')
})

it('makes the same error again from what it says', () => {
  const failure = toFailure(failures.left({ file: 'split.tsv', clips: 2 }))
  const error = toError(failure)
  expect(error).toBeInstanceOf(VitrineError)
  expect(toFailure(error)).toEqual(failure)
})

it('calls what nobody expected a bug, which stays one', () => {
  const failure = toFailure(new TypeError('x is not a function'))
  expect(failure).toMatchObject({ code: 'BUG', key: 'bug', values: { message: 'x is not a function' } })
  expect(toError(failure)).not.toBeInstanceOf(VitrineError)
  expect(toError(failure).message).toBe('x is not a function')
  expect(toFailure(new CancelledError()).code).toBe('BUG')
})

describe('the failures of every folder', async () => {
  const SOURCES = join(import.meta.dirname, '../../src-main')
  /** Answers any name, as if every failure were given the values that its text asks for. */
  const anyValue = new Proxy({}, { get: () => 7 })
  const tables = await Promise.all(
    globSync('*/**/failures.ts', { cwd: SOURCES, exclude: ['common/failures.ts'] }).map(async (file) => {
      const module = (await import(join(SOURCES, file))) as {
        failures: Record<string, (values: object) => VitrineError>
      }
      return { file, rows: Object.entries(module.failures) }
    }),
  )
  const errors = tables.flatMap(({ rows }) => rows.map(([name, fail]) => ({ name, error: fail(anyValue) })))

  it('are found', () => {
    expect(tables.map(({ file }) => file)).toContain(join('engine', 'topics', 'failures.ts'))
    expect(tables.filter(({ rows }) => rows.length === 0)).toEqual([])
  })

  it('have keys of their own, which end in their names', () => {
    const keys = errors.map(({ error }) => error.key)
    expect(keys.filter((key, i) => keys.indexOf(key) < i)).toEqual([])
    expect(errors.filter(({ name, error }) => !error.key.endsWith(`.${name}`))).toEqual([])
  })

  it('fill every brace in their sentences that is not part of the text', () => {
    const texts = errors.flatMap(({ error: { key, message, remedy } }) => [
      { key, text: message },
      { key, text: remedy ?? 'None.' },
    ])
    expect(texts.filter(({ text }) => /[{}]/.test(text.replaceAll(/\{"[^{}]*\}/g, '')))).toEqual([])
    expect(texts.filter(({ text }) => text.trim() === '' || /undefined|null|NaN/.test(text))).toEqual([])
  })
})
