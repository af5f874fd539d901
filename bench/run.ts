/**
 * Runs the benchmarks, each in a process of its own, one after the other; or those that are named.
 *
 *   npm run bench [-- NAME ... [--OPTION ...]]        NAME: a file of this folder, without its ending; options are handed on
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

const folder = import.meta.dirname
/** Lets plain Node import the schema, which Vite bundles as text. */
const sqlText = join(folder, '..', 'scripts', 'sql-text.mjs')
const known = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
  .map((file) => file.slice(0, -3))
  .sort()
const args = process.argv.slice(2)
const firstOption = args.findIndex((argument) => argument.startsWith('--'))
const names = firstOption < 0 ? args : args.slice(0, firstOption)
const options = args.slice(names.length)
const unknown = names.find((name) => !known.includes(name))
if (unknown !== undefined) {
  console.error(`There is no benchmark "${unknown}". There are: ${known.join(', ')}.`)
  process.exit(2)
}
for (const name of names.length > 0 ? names : known) {
  console.log(`\n== ${name} ==\n`)
  const { status } = spawnSync(
    process.execPath,
    ['--import', sqlText, join(folder, `${name}.ts`), ...options],
    { stdio: 'inherit' },
  )
  if (status !== 0) {
    process.exitCode = 1
  }
}
