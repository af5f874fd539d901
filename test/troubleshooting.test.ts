/** The page of failures is current, and says of each what to do. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ERROR_CODES } from '#contract'
import { CAUSES, CODES } from '../scripts/failure-causes.ts'
import { allFailures } from '../scripts/failure-tables.ts'
import { troubleshootingPage } from '../scripts/troubleshooting.ts'

const failures = await allFailures()
/** What a person can't see in a file or a list of theirs: the machine's faults. Each has its cause written. */
const OF_THE_MACHINE = ['TOOL_MISSING', 'ENGINE_DIED', 'DIVERGED', 'DISK_FULL', 'NEWER_PROJECT', 'NO_PROJECT']
const explained = CAUSES.flatMap(({ of }) => of)

it('is written from the tables as they are', () => {
  expect(failures.size).toBeGreaterThan(500)
  const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'troubleshooting.md'), 'utf8')
  expect(page === troubleshootingPage(failures), 'docs/troubleshooting.md is stale: npm run docs').toBe(true)
})

it('says why for every kind of failure, and for every fault of the machine', () => {
  expect(Object.keys(CODES).sort()).toEqual([...ERROR_CODES, 'BUG'].sort())
  const unexplained = [...failures]
    .filter(([key, { code }]) => OF_THE_MACHINE.includes(code) && !explained.includes(key))
    .map(([key]) => key)
  expect(unexplained).toEqual([])
})

it('says what to do for every failure', () => {
  const withRemedy = new Set(CAUSES.filter(({ remedy }) => remedy !== undefined).flatMap(({ of }) => of))
  const helpless = [...failures]
    .filter(([key, { remedy }]) => remedy === undefined && !withRemedy.has(key))
    .map(([key]) => key)
  expect(helpless).toEqual([])
})

it('explains no failure twice, and none that there is not', () => {
  expect(explained.filter((key, i) => explained.indexOf(key) < i)).toEqual([])
  expect(explained.filter((key) => !failures.has(key))).toEqual([])
})
