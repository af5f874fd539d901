/**
 * `npm run docs`: writes what docs/command-line.md and README.md say of the commands of the sources, the page of all
 * failures, and the licences of all packages; then builds the site.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { COMMANDS } from '../src-main/cli/commands/index.ts'
import { GENERATED, withGenerated } from '../src-main/cli/docs.ts'
import { build } from 'vitepress'
import { allFailures } from './failure-tables.ts'
import { root, say } from './tools.mjs'
import { troubleshootingPage } from './troubleshooting.ts'

for (const [file, generate] of Object.entries(GENERATED)) {
  const path = join(root, file)
  const before = readFileSync(path, 'utf8')
  const after = withGenerated(before, generate(COMMANDS))
  writeFileSync(path, after)
  say(`${file} ${after === before ? 'is as it was' : 'is written'}.`)
}
writeFileSync(join(root, 'docs', 'troubleshooting.md'), troubleshootingPage(await allFailures()))
say('docs/troubleshooting.md is written.')
await import('./licences.mjs')
await build(join(root, 'docs'))
say('The site is in out/docs.')
