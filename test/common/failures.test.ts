import { expect, it } from 'vitest'
import { defineFailures, toFailure } from '../../src-main/common/failures.ts'

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
