/** The table of commands: it has all that there are, and what is written of them is up to date. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { COMMANDS } from '../../src-main/cli/commands/index.ts'
import { GENERATED, withGenerated } from '../../src-main/cli/docs.ts'
import { installation } from '../../src-main/paths.ts'

const FOLDER = join(installation, 'src-main', 'cli', 'commands')

/** The files in the folders of the nouns: `topics/curate`. */
const files = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap((noun) => readdirSync(join(FOLDER, noun.name)).map((file) => join(noun.name, file)))

const isCommand = (exported: unknown): boolean =>
  typeof exported === 'object' && exported !== null && 'summary' in exported && 'run' in exported

test('every command is a file of its name in the folder of its noun, and in the table', async () => {
  const exported = await Promise.all(
    files.map(async (file) => ({
      name: file.replace(/^.*[/\\]|\.ts$/g, ''),
      commands: Object.values((await import(join(FOLDER, file))) as object).filter(isCommand),
    })),
  )
  const commands = exported.filter((module) => module.commands.length > 0)
  expect(Object.fromEntries(commands.map((module) => [module.name, module.commands]))).toEqual(
    Object.fromEntries(Object.entries(COMMANDS).map(([name, command]) => [name, [command]])),
  )
})

test.each(Object.entries(GENERATED))('%s is as "npm run docs" writes it', (file, generate) => {
  const text = readFileSync(join(installation, file), 'utf8')
  expect(text).toBe(withGenerated(text, generate(COMMANDS)))
})
