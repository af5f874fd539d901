/** Feature files that are gone, cut or altered: noticed where they are used, and computed again, only they. */
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { CLIPS } from '../../prepared.ts'
import { createWorkbench, TINY } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

const SETTINGS = { ...TINY, epochs: 1 }

let bench: Workbench
/** The feature files. */
let files: string[]
beforeEach(async () => {
  bench = await createWorkbench()
  const { project } = await bench.openPrepared('topics')
  const features = join(project, 'features')
  files = readdirSync(features, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  return bench.close
})

/** Changes a byte in the middle; `unseen`: the file looks as if nothing had happened. */
function alter(file: string, unseen: boolean): void {
  const { atime, mtimeMs } = statSync(file)
  const bytes = readFileSync(file)
  const middle = bytes.length >> 1
  bytes[middle] = bytes[middle]! ^ 0xff
  writeFileSync(file, bytes)
  if (unseen) {
    utimesSync(file, atime, (Math.floor(mtimeMs) + 0.5) / 1000)
  }
}

/** Computes features and returns how many were computed, and what was said. */
async function computeFeatures() {
  const { result, notices } = await bench.finished(await bench.client.corpus.computeFeatures({}))
  return { computed: result?.kind === 'features' ? result.computed : null, notices }
}

describe('feature files', () => {
  it(
    'that are gone, cut or altered are told before a training, and computed again',
    { timeout: 120_000 },
    async () => {
      const [gone, cut, altered] = files as [string, string, string]
      const whole = readFileSync(altered)
      rmSync(gone)
      truncateSync(cut, 300)
      alter(altered, false)
      expect(await bench.failure(await bench.client.training.train({ settings: SETTINGS }))).toMatch(
        /^1 feature file is gone and 2 are not as written: features\/.*\.npy/,
      )
      expect(await bench.client.project.summary()).toMatchObject({ withFeatures: CLIPS - 3, models: 0 })
      expect(await computeFeatures()).toEqual({ computed: 3, notices: [] })
      expect(readFileSync(altered)).toEqual(whole)
      await bench.finished(await bench.client.training.train({ settings: SETTINGS }))
    },
  )

  it('are looked at by the job that computes them, too', { timeout: 120_000 }, async () => {
    alter(files[0]!, false)
    expect(await computeFeatures()).toEqual({
      computed: 1,
      notices: [
        expect.stringMatching(/^1 feature file is not as written: .* What is missing is computed again\.$/),
      ],
    })
    expect(await computeFeatures()).toEqual({ computed: 0, notices: [] })
  })

  it('that rotted unseen are noticed when they are read', { timeout: 120_000 }, async () => {
    // Sizes and times are noted once.
    await computeFeatures()
    files.forEach((file) => {
      alter(file, true)
    })
    expect(await bench.failure(await bench.client.training.train({ settings: SETTINGS }))).toMatch(
      /\.npy is not as it was written\.$/,
    )
    expect((await computeFeatures()).computed).toBe(CLIPS)
    await bench.finished(await bench.client.training.train({ settings: SETTINGS }))
  })
})
