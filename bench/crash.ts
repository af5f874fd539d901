/**
 * Kills the program, or its engine, 200 times while it imports, computes features, trains, learns corrections,
 * exports and takes edits, and says what was lost or left behind: the test of the same name, ten times as long.
 *
 *   npm run bench -- crash                 (with KILLS=1000 or SEED=2 in the environment: so many, other acts)
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { printMachine } from './lib/machine.ts'
import { printTable } from './lib/table.ts'
import { crash } from '../test/crash/harness.ts'

const KILLS = Number(process.env['KILLS'] ?? 200)
const SEED = Number(process.env['SEED'] ?? 1)

printMachine()
const folder = await mkdtemp(join(tmpdir(), 'vitrine-crash-'))
try {
  const started = Date.now()
  const { engineKills, acknowledged, interrupted, faults } = await crash({
    folder,
    kills: KILLS,
    seed: SEED,
    onDeath(kill, faultCount) {
      if (kill % 20 === 0) {
        console.log(`${kill} kills, ${faultCount} faults`)
      }
    },
  })
  const jobs = Object.entries(interrupted).map(([job, count]) => [`killed during ${job}`, String(count)])
  printTable(
    ['what', 'how often'],
    [
      ['kills', String(KILLS)],
      ['of the engine first', String(engineKills)],
      ...jobs,
      ['changes acknowledged', String(acknowledged)],
      ['faults', String(faults.length)],
      ['seconds', ((Date.now() - started) / 1000).toFixed(0)],
    ],
  )
  faults.forEach((fault) => {
    console.log(fault)
  })
  process.exitCode = faults.length === 0 ? 0 : 1
} finally {
  await rm(folder, { recursive: true, force: true })
}
