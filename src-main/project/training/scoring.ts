/**
 * Scoring and comparing captions: of any system, from files and without a project, and of two models of a
 * project.
 */
import { basename } from 'node:path'
import type { Comparison } from '#contract'
import type { CallOptions } from '../../engine-host/client.ts'
import { reads } from '../service.ts'
import type { Input, Service } from '../service.ts'
import type { Workspace } from '../workspace.ts'
import { matchReferences, noticesOf, readCaptionFile, referencesOf } from './caption-files.ts'
import { failures } from './failures.ts'

export function createScoring(workspace: Workspace) {
  const { engine } = workspace
  const readingUntil = (signal: AbortSignal | undefined) => ({
    worker: workspace.captionWorker,
    signal: signal ?? new AbortController().signal,
  })
  return {
    /**
     * Compares the captions that two models have of a split's clips, those that both captioned and people did
     * too. Throws NOT_FOUND, and NOT_READY when a model has not captioned the split.
     */
    compare: reads(['caption', 'clip', 'generated_caption', 'model'], (request, { signal }) =>
      compareModels(workspace, request, { signal }),
    ),

    /**
     * Scores one caption for each id against its references. Throws BAD_INPUT, naming file and line, for
     * files that don't fit each other.
     */
    async scoreFiles({ hypotheses, references, ...scoring }, { signal }) {
      const reading = readingUntil(signal)
      const human = await readCaptionFile(references, reading)
      const hypothesisFile = await readCaptionFile(hypotheses, reading)
      const system = matchReferences(hypothesisFile, human)
      const scores = await engine.call(
        'metrics.score',
        { hypotheses: system, references: referencesOf(human), ...scoring },
        { signal },
      )
      return { ...scores, notices: noticesOf([hypothesisFile, human], scoring.tokenizer) }
    },

    /** Compares two systems' captions of the same ids, with the same errors. Differences are b - a. */
    async compareFiles({ a, b, references, ...scoring }, { signal }) {
      const reading = readingUntil(signal)
      const human = await readCaptionFile(references, reading)
      const [fileA, fileB] = [await readCaptionFile(a, reading), await readCaptionFile(b, reading)]
      const systemA = matchReferences(fileA, human)
      const systemB = matchReferences(fileB, human)
      const { metrics } = await engine.call(
        'metrics.compare',
        { a: systemA, b: systemB, references: referencesOf(human), ...scoring },
        { signal },
      )
      return {
        captions: systemA.length,
        metrics,
        notices: noticesOf([fileA, fileB, human], scoring.tokenizer),
      }
    },
  } satisfies Partial<Service<'training'>>
}

async function compareModels(
  workspace: Workspace,
  { a, b, split, samples, seed }: Input<'training', 'compare'>,
  options: CallOptions,
): Promise<Comparison> {
  const { store, folder } = workspace.project()
  const human = store.captions.textsByClip(split)
  const captionsOf = (model: number): Map<number, string> => {
    const { id: modelId } = store.models.get(model)
    const captions = store.generated.all(modelId, split)
    if (captions.length === 0) {
      throw failures.splitNotCaptioned({ modelId, split, project: basename(folder) })
    }
    return new Map(captions.map(({ clipId, caption }) => [clipId, caption]))
  }
  const captionsA = captionsOf(a)
  const captionsB = captionsOf(b)
  const clips = [...captionsA.keys()].filter((clipId) => captionsB.has(clipId) && human.has(clipId))
  if (clips.length === 0) {
    throw failures.nothingInCommon({ split })
  }
  const system = (captions: ReadonlyMap<number, string>) =>
    clips.map((clipId) => ({ id: String(clipId), caption: captions.get(clipId) ?? '' }))
  const references = clips.map((clipId) => ({ id: String(clipId), captions: human.get(clipId) ?? [] }))
  const { metrics } = await workspace.engine.call(
    'metrics.compare',
    { a: system(captionsA), b: system(captionsB), references, tokenizer: 'words', samples, seed },
    options,
  )
  return { a, b, split, clips: clips.length, metrics }
}
