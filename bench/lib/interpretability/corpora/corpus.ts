/**
 * What the method is tried on: a corpus with features, topics that were found in its training clips, and settings, made
 * once into a folder and read from there after that.
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { topicsRequest } from '#contract'
import type { CaptionerSettings, Preset, Split, TopicsRequest } from '#contract'
import { featuresOfFrame } from '../../../../src-main/common/cells.ts'
import { presetSettings } from '../../../../src-main/common/presets.ts'
import type {
  CaptionedClip,
  EngineContext,
  FittedTopic,
  FrameTruth,
} from '../../../../src-main/engine-host/contract/index.ts'
import { topicHandlers } from '../../../../src-main/engine/topics/index.ts'
import { writeFileAtomic } from '../../../../src-main/formats/atomic.ts'

export const CORPORA = ['sample', 'flickr8k', 'msrvtt', 'msvd'] as const
export type CorpusName = (typeof CORPORA)[number]
/** The presets that a corpus is tried with: that of real corpora, that of the demo, or both. */
export const PRESETS_TRIED: Record<CorpusName, readonly Preset[]> = {
  sample: ['fast', 'default'],
  flickr8k: ['default'],
  msrvtt: ['default'],
  msvd: ['fast'],
}

/** What clips show over time, frame by frame, by numbers of concepts. */
export interface Truth {
  concepts: number
  clips: FrameTruth[]
}

/** A captioned corpus with features and topics: all that the engine needs. */
export interface Corpus {
  name: CorpusName
  /** n: features that clips are padded to, those of the cells of their frames. */
  frames: number
  /** Rows and columns that a frame is cut into. */
  cells: number
  topics: FittedTopic[]
  clips: Record<Split, CaptionedClip[]>
  /** Null: nobody knows. */
  truth: Truth | null
  /** Settings of training that are not the preset's. */
  changes: Partial<CaptionerSettings>
}

/** A corpus before topics are found in its captions. */
export interface Material {
  frames: number
  clips: MaterialClip[]
  truth: Truth | null
}

export type MaterialClip = Omit<CaptionedClip, 'topics'> & { split: Split }

/** Where a corpus is kept, and how it is made. */
export interface CorpusOptions {
  folder: string
  context: EngineContext
  log: (line: string) => void
}

/**
 * Of all that chance decides in a corpus: scenes, splits, topics, projections and noise. The seeds of training are
 * others.
 */
export const SEED = 1
/** Sweeps with which clips get their shares of topics that were found in others. */
const SWEEPS = 100

/** Finds topics in the captions of the training clips; which of them the other clips bear is inferred. */
export async function withTopics(
  { clips }: Material,
  request: TopicsRequest,
  folder: string,
  context: EngineContext,
): Promise<Pick<Corpus, 'topics' | 'clips'>> {
  const { topics, borne } = await cached(join(folder, 'topics.json'), async () => {
    const settings = topicsRequest.parse({ ...request, seed: SEED })
    const documentsOf = (isWanted: (split: Split) => boolean) =>
      clips.filter(({ split }) => isWanted(split)).map(({ id, captions }) => ({ id, captions }))
    const fitted = await topicHandlers['topics.fit'](
      { ...settings, documents: documentsOf((split) => split === 'train') },
      context,
    )
    const { topicsPerClip, minShare, seed } = settings
    const inferred = await topicHandlers['topics.infer'](
      {
        model: fitted.model,
        documents: documentsOf((split) => split !== 'train'),
        iterations: SWEEPS,
        seed,
        topicsPerClip,
        minShare,
      },
      context,
    )
    const assignments = [...fitted.assignments, ...inferred.assignments]
    return { topics: fitted.topics, borne: assignments.map(({ id, active }) => ({ id, active })) }
  })
  const topicsOf = new Map(borne.map(({ id, active }) => [id, active]))
  const ofSplit = (wanted: Split): CaptionedClip[] =>
    clips
      .filter(({ split }) => split === wanted)
      .map(({ split: _, ...clip }) => ({ ...clip, topics: topicsOf.get(clip.id) ?? [] }))
  return { topics, clips: { train: ofSplit('train'), val: ofSplit('val'), test: ofSplit('test') } }
}

/** A preset's settings for a corpus; `chosen` go before the corpus' own. */
export function settingsFor(
  { clips: { train }, frames: features, cells, changes }: Corpus,
  preset: Preset,
  chosen: Partial<CaptionerSettings>,
): CaptionerSettings {
  const captions = train.reduce((sum, clip) => sum + clip.captions.length, 0)
  const frames = features / featuresOfFrame(cells)
  return presetSettings(preset, { ...changes, ...chosen }, { clips: train.length, captions, frames })
}

/** What `make` gives, from the file where it has been made before. */
export async function cached<Made>(path: string, make: () => Promise<Made>): Promise<Made> {
  if (existsSync(path)) {
    return JSON.parse(await readFile(path, 'utf8')) as Made
  }
  const made = await make()
  await writeFileAtomic(path, Buffer.from(JSON.stringify(made)))
  return made
}

/** Lines of `a<TAB>b`. */
export async function readPairs(path: string): Promise<[string, string][]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '')
  return lines.map((line) => [line.slice(0, line.indexOf('\t')), line.slice(line.indexOf('\t') + 1)])
}

export function grouped(pairs: readonly [string, string][]): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const [key, value] of pairs) {
    groups.set(key, [...(groups.get(key) ?? []), value])
  }
  return groups
}
