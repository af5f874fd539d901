/** docs/troubleshooting.md: all failures by their codes, from their tables and from what was written of their causes. */
import type { ErrorCode } from '#contract'
import type { FailureText } from '../src-main/common/failures.ts'
import { AREAS, CAUSES, CODES } from './failure-causes.ts'
import { areaOf } from './failure-tables.ts'

const HEAD = `# Troubleshooting

Every message that something can't be done says what happened, where, and what to do, and has a name, such as
\`media.cutOff\`. In the window it stands below the message and leads here. This page has all
of them, written by \`npm run docs\` from the tables that the program itself speaks from. Words in braces stand for what a
message names. To find a message, search for some words of it.

First aid: \`vitrine doctor\` says what this machine offers, \`vitrine check PROJECT\` looks at all that a project consists
of, and [Storage](storage.md) does the same in the window. Nothing that was typed or judged is lost by any of these messages.

## Kinds of messages`

/** The page for these failures. Throws when one is of an area that \`AREAS\` does not name. */
export function troubleshootingPage(failures: ReadonlyMap<string, FailureText>): string {
  const byArea = Map.groupBy([...failures], ([key]) => areaOf(key))
  const unnamed = [...byArea.keys()].filter((area) => !Object.hasOwn(AREAS, area))
  if (unnamed.length > 0) {
    throw new Error(`scripts/failure-causes.ts names no area ${unnamed.join(', ')}.`)
  }
  const kinds = Object.entries(CODES).map(([code, cause]) => `| \`${code}\` | ${cause} |`)
  const areas = Object.entries(AREAS).flatMap(([area, title]) => {
    const rows = byArea.get(area) ?? []
    return rows.length === 0 ? [] : [`## ${title}`, ...rows.map(([key, text]) => sectionOf(key, text))]
  })
  return `${[HEAD, ['| code | why |', '| --- | --- |', ...kinds].join('\n'), ...areas].join('\n\n')}\n`
}

function sectionOf(key: string, { code, message, remedy }: FailureText): string {
  const cause = CAUSES.find(({ of }) => of.includes(key))
  const whatToDo = [remedy, cause?.remedy].filter((text) => text !== undefined)
  return [
    `### ${key}`,
    `> ${legible(message)}`,
    ...(cause === undefined ? [] : [`Why: ${cause.cause}`]),
    ...(whatToDo.length === 0
      ? []
      : [
          `What to do: ${whatToDo.map((text, i) => (i === 0 && text === remedy ? legible(text) : text)).join(' ')}`,
        ]),
    `Kind: \`${code satisfies ErrorCode}\``,
  ].join('\n\n')
}

/** A sentence with its values in braces, and nouns as of several: `{clips:clip|clips}` is `{clips} clips`. */
const legible = (text: string): string =>
  text.replaceAll(/\{(\w+):[^|}]+\|([^}]+)\}/g, '{$1} $2').replaceAll(/[<>*_`#|]/g, (sign) => `\\${sign}`)
