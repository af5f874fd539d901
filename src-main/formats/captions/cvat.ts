/**
 * CVAT's XML: pictures or frames by name, whose tags and shapes have attributes. A caption is an attribute that
 * is called so, or another word for it.
 */
import { SaxesParser } from 'saxes'
import { defineFailures } from '../../common/failures.ts'
import { headerPlaces } from './columns.ts'
import type { CaptionDocument, CaptionEntry, CaptionFormat } from './format.ts'

const failures = defineFailures('captions.cvat', {
  broken: { code: 'BAD_INPUT', message: '{file} line {line}: the XML is broken here.' },
  ofVideo: {
    code: 'BAD_INPUT',
    message:
      '{file} line {line}: these are tracks through the frames of one video, and no captions of clips.',
    remedy: 'Export the task as "CVAT for images 1.1".',
  },
})

export const cvat: CaptionFormat = {
  name: 'cvat',
  title: 'CVAT for images 1.1 (XML)',
  accepts: "CVAT's XML with an attribute called caption",
  follows: "CVAT's XML annotation format 1.1",
  extensions: ['.xml'],
  counts: 'line',
  structure: 'text',
  recognises: ({ text, head: [first] }) =>
    /^\s*<(?:\?xml|annotations)\b/.test(first?.text ?? '') && /<annotations[\s>]/.test(text.slice(0, 10_000)),
  parse,
}

/** Whether an attribute is a caption: by the names that columns of captions have. */
const isCaption = (name: string): boolean => headerPlaces(['video', name]) !== null

function parse({ file, text }: CaptionDocument): CaptionEntry[] {
  const entries: CaptionEntry[] = []
  const parser = new SaxesParser()
  let image = { name: '', split: '' }
  let attribute: { line: number; text: string } | null = null
  parser.on('error', () => {
    throw failures.broken({ file, line: parser.line })
  })
  parser.on('opentag', ({ name, attributes }) => {
    if (name === 'image') {
      image = { name: attributes['name'] ?? '', split: attributes['subset'] ?? '' }
    } else if (name === 'track') {
      throw failures.ofVideo({ file, line: parser.line })
    } else if (name === 'attribute' && isCaption(attributes['name'] ?? '') && image.name !== '') {
      attribute = { line: parser.line, text: '' }
    }
  })
  const addText = (content: string): void => {
    if (attribute !== null) {
      attribute.text += content
    }
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', ({ name }) => {
    if (name === 'attribute' && attribute !== null) {
      const { line, text: caption } = attribute
      const split = image.split === '' ? {} : { split: image.split }
      entries.push({ clip: image.name, caption, line, ...split })
      attribute = null
    } else if (name === 'image') {
      image = { name: '', split: '' }
    }
  })
  parser.write(text).close()
  // An attribute that nobody filled in is no caption.
  return entries.filter(({ caption }) => caption.trim() !== '')
}
