/**
 * `npm run docs`: writes what docs/command-line.md and README.md say of the commands of the sources, and the
 * licences of all packages.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { COMMANDS } from '../src-main/cli/commands/index.ts'
import { GENERATED, withGenerated } from '../src-main/cli/docs.ts'
import { root, say } from './tools.mjs'

for (const [file, generate] of Object.entries(GENERATED)) {
  const path = join(root, file)
  const before = readFileSync(path, 'utf8')
  const after = withGenerated(before, generate(COMMANDS))
  writeFileSync(path, after)
  say(`${file} ${after === before ? 'is as it was' : 'is written'}.`)
}
await import('./licences.mjs')
