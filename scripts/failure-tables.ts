/** Every table of failures of main, wherever it stands: tests and the docs read them as one. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { definedFailures } from '../src-main/common/failures.ts'
import type { FailureText } from '../src-main/common/failures.ts'

const SOURCES = join(import.meta.dirname, '..', 'src-main')
const TABLE = /^(?:export )?const failures = defineFailures\('([\w.]+)'/m

/** All failures by key, such as `training.inTraining`, sorted by it. */
export async function allFailures(): Promise<ReadonlyMap<string, FailureText>> {
  const areas = new Set<string>()
  for (const file of globSync('**/*.ts', { cwd: SOURCES })) {
    const area = TABLE.exec(readFileSync(join(SOURCES, file), 'utf8'))?.[1]
    if (area !== undefined) {
      areas.add(area)
      await import(join(SOURCES, file))
    }
  }
  return new Map(
    [...definedFailures]
      .filter(([key]) => areas.has(areaOf(key)))
      .sort(([one], [other]) => Number(one > other) - Number(one < other)),
  )
}

/** `captions.csv` of `captions.csv.notCsv`. */
export const areaOf = (key: string): string => key.slice(0, key.lastIndexOf('.'))
