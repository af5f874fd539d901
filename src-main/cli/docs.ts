/**
 * What docs/command-line.md and README.md say of the commands, written from the commands themselves by `npm
 * run docs`, between two marks in each file. A test fails when it is stale.
 */
import type { Command } from './command.ts'
import { commandForm, describeCommand } from './help.ts'

type Commands = Readonly<Record<string, Command>>

const BEGIN = '<!-- commands: written by "npm run docs" -->'
const END = '<!-- end of commands -->'
const WIDTH = 118

/** The files, and what each says of the commands. */
export const GENERATED: Readonly<Record<string, (commands: Commands) => string>> = {
  'docs/command-line.md': reference,
  'README.md': commandTable,
}

/** The text of a file with what it says of the commands as it is to be. Throws when it has no marks. */
export function withGenerated(text: string, generated: string): string {
  const begin = text.indexOf(BEGIN)
  const end = text.indexOf(END)
  if (begin === -1 || end < begin) {
    throw new Error(`${BEGIN} and ${END} are missing`)
  }
  return `${text.slice(0, begin + BEGIN.length)}\n\n${generated}\n\n${text.slice(end)}`
}

/** A section for each command. */
function reference(commands: Commands): string {
  return Object.entries(commands)
    .map(([name, command]) => section(name, command))
    .join('\n\n')
}

/** A command's help without the options that all have, its notes, and its JSON. */
function section(name: string, command: Command): string {
  const { options, notes, json } = command
  const blocks = [`## ${name}`, `\`\`\`text\n${describeCommand(name, command, options)}\n\`\`\``]
  if (notes !== undefined) {
    blocks.push(wrapped(notes))
  }
  if (json !== null) {
    blocks.push(wrapped(`JSON: ${json}`))
  }
  return blocks.join('\n\n')
}

/** A paragraph of Markdown in lines; none begins with what would make it a list, a heading or a quote. */
function wrapped(paragraph: string): string {
  const [first = '', ...words] = paragraph.split(/ (?![-+*#>|\d])/)
  const lines = [first]
  for (const word of words) {
    const line = `${lines.at(-1)} ${word}`
    if (line.length <= WIDTH) {
      lines[lines.length - 1] = line
    } else {
      lines.push(word)
    }
  }
  return lines.join('\n')
}

/** A row for each command, with a link to its section. */
function commandTable(commands: Commands): string {
  const rows = Object.entries(commands).map(
    ([name, command]) =>
      `| [\`${commandForm(name, command)}\`](docs/command-line.md#${name}) | ${command.summary} |`,
  )
  return ['| command | what it does |', '| --- | --- |', ...rows].join('\n')
}
