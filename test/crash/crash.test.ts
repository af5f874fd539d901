import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { crash } from './harness.ts'

const KILLS = 20

it(
  `${KILLS} kills in the middle of work lose nothing that was said to be done, and leave nothing behind`,
  { timeout: 900_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vitrine-crash-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const { faults, acknowledged } = await crash({ folder, kills: KILLS, seed: 1 })
    expect(faults).toEqual([])
    expect(acknowledged).toBeGreaterThan(100)
  },
)
