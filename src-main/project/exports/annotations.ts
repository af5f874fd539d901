import { annotationsAsCsv, annotationsAsJsonLines } from '../../formats/annotations.ts'
import type { OpenProject } from '../../store/index.ts'
import { annotationsOf } from '../corpus/annotations/collect.ts'
import { failures } from './failures.ts'
import type { OutFile } from './files.ts'

/**
 * annotations.csv and annotations.jsonl: what people said of clips that are there (verdicts, notes, tags, and captions that
 * they typed or edited, topics that they set), with whose it is and when. Either can be taken in again.
 */
export function annotationFiles({ store }: OpenProject): OutFile[] {
  const annotations = annotationsOf(store)
  if (annotations.length === 0) {
    throw failures.noAnnotations()
  }
  return [
    { name: 'annotations.csv', pieces: annotationsAsCsv(annotations) },
    { name: 'annotations.jsonl', pieces: annotationsAsJsonLines(annotations) },
  ]
}
