/** Flickr8k's and Flickr30k's token files: `name.jpg#n<TAB>caption`, where n numbers the captions of a picture. */
import { defineFailures } from '../../common/failures.ts'
import { linesOf, shorten } from '../text/text-file.ts'
import type { CaptionDocument, CaptionEntry, CaptionFormat } from './format.ts'

const failures = defineFailures('captions.flickr', {
  notNumbered: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: "{text}" is not name#number<TAB>caption.',
  },
})

/** The beginning of a line. A number behind a space is part of a name: `take #2`. */
const NUMBERED = /^([^\t]*?[^\t ])#(\d+)\t/

export const flickr: CaptionFormat = {
  name: 'flickr',
  title: 'Flickr8k and Flickr30k tokens',
  accepts: 'name#n<TAB>caption lines of Flickr8k and Flickr30k',
  follows: 'Flickr8k.token.txt of Hodosh, Young and Hockenmaier, and results_20130124.token of Flickr30k',
  extensions: ['.token'],
  counts: 'line',
  structure: 'text',
  recognises: ({ head: [first] }) => NUMBERED.test(first?.text ?? ''),
  parse,
}

function parse({ file, text }: CaptionDocument): CaptionEntry[] {
  return [...linesOf(text)].map(({ line, text: content }) => {
    const match = NUMBERED.exec(content)
    if (match === null) {
      throw failures.notNumbered({ file, line, text: shorten(content) })
    }
    return { clip: match[1]!, caption: content.slice(match[0].length), line }
  })
}
