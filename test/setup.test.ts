import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')

/** What set-up, which is plain JavaScript, answers to an expression. */
const answerOf = (expression: string): unknown => {
  const module = `import { isMusl } from './scripts/setup.mjs'; console.log(JSON.stringify(${expression}))`
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', module], { cwd: root, encoding: 'utf8' }),
  )
}

it('musl is told from glibc, for which the libraries of FFmpeg are built', () => {
  expect(
    answerOf(
      "[isMusl('linux', {}), isMusl('linux', { glibcVersionRuntime: '2.36' }), isMusl('darwin', {}), isMusl('win32', {})]",
    ),
  ).toEqual([true, false, false, false])
})
