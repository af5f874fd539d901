/**
 * Files of two names for each clip, as MSVD's youtube_mapping.txt has them: `-4wsuPCjDBc_5_15 vid1`. Either may be
 * the one that a caption file uses.
 */
import { defineFailures } from '../../common/failures.ts'
import { linesOf, shorten } from '../text/text-file.ts'

const failures = defineFailures('captions.names', {
  notTwoNames: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: "{text}" is not two names of a clip.',
    remedy: 'Write two names a line, with a space, tab or comma between them.',
  },
  nameTwice: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: {name} is another name of {earlier} already.',
  },
})

/** The other name of each. Throws BAD_INPUT for a line that is no pair, and for a name that stands for two clips. */
export function parseNameMapping(text: string, file: string): Map<string, string> {
  const others = new Map<string, string>()
  for (const { line, text: content } of linesOf(text)) {
    const names = content.trim().split(/\t|\s*,\s*|\s+/)
    const [first = '', second = ''] = names
    if (names.length !== 2 || first === '' || second === '') {
      throw failures.notTwoNames({ file, line, text: shorten(content) })
    }
    for (const [name, other] of [
      [first, second],
      [second, first],
    ] as const) {
      const earlier = others.get(name)
      if (earlier !== undefined && earlier !== other) {
        throw failures.nameTwice({ file, line, name, earlier })
      }
      others.set(name, other)
    }
  }
  return others
}
