import { annotationsAsCsv, annotationsAsJsonLines } from '../../formats/annotations.ts'
import type { OpenProject } from '../../store/index.ts'
import { annotationsOf } from '../corpus/annotations/collect.ts'
import { judgedModels, parameterHashes } from '../corpus/annotations/neurons.ts'
import { failures } from './failures.ts'
import type { OutFile } from './files.ts'

/**
 * annotations.csv and annotations.jsonl: what people said of clips that are there (verdicts, notes, tags, and captions that
 * they typed or edited, topics that they set, corrections) and of neurons, with whose it is and when. Either can be taken in again.
 */
export async function annotationFiles(project: OpenProject): Promise<OutFile[]> {
  const { store } = project
  const hashes = await parameterHashes(project, judgedModels(store))
  const annotations = annotationsOf(store, (modelId) => hashes.get(modelId))
  if (annotations.length === 0) {
    throw failures.noAnnotations()
  }
  return [
    { name: 'annotations.csv', pieces: annotationsAsCsv(annotations) },
    { name: 'annotations.jsonl', pieces: annotationsAsJsonLines(annotations) },
  ]
}
