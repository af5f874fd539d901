/** Corrections learnt one by one, each from the same parent, and what each of them did. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Split } from '#contract'
import { createRandom } from '../../../src-main/common/random.ts'
import { correctionHandlers } from '../../../src-main/engine/corrections/index.ts'
import { neuronHandlers } from '../../../src-main/engine/neurons/index.ts'
import { ownWords } from '../../../src-main/project/review/topic-verdicts.ts'
import type { Carry, EngineContext } from '../../../src-main/engine-host/contract/index.ts'
import type { Corpus } from '../interpretability/corpora/corpus.ts'
import { Divergence } from './divergence.ts'
import { Reviewer } from './reviewer.ts'
import type { Edit } from './reviewer.ts'
import { robustness } from './robustness.ts'

/** Training clips whose captions are to stay, as many as the project takes. */
const REPLAYED = 512
const NEAREST = 20
const SAME = 1e-9

/** What one correction did. */
export interface Outcome {
  typed: boolean
  seconds: number
  steps: number
  /** The clip is captioned as wanted. */
  held: boolean
  /** By kind of robustness.ts. */
  robust: (boolean | null)[]
  /** Of the nearest other clips: errors of the same topics, and those that are mended. */
  similar: number
  mended: number
  /** Of other clips: all, captions that are as they were, and those with a lower and a higher CIDEr. */
  others: number
  unchanged: number
  worse: number
  better: number
  /** Nats a word. */
  divergence: number
}

export interface Bench {
  corpus: Corpus
  modelDir: string
  /** For models that are thrown away. */
  folder: string
  split: Split
  seed: number
  context: EngineContext
  log: (line: string) => void
}

/** The reviewer's edits of the model's captions, shuffled. */
export async function editsOf({ corpus, modelDir, split, seed, context }: Bench): Promise<Edit[]> {
  const reviewer = new Reviewer(corpus, split, context)
  const captions = await reviewer.captions(modelDir)
  const edits = await reviewer.edits(
    modelDir,
    captions.map(({ caption }) => caption),
  )
  return createRandom(seed).shuffle(edits)
}

/** Learns each edit from the model by itself. */
export async function learnEach(bench: Bench, edits: readonly Edit[]): Promise<Outcome[]> {
  const { corpus, modelDir, folder, split, context, log } = bench
  const reviewer = new Reviewer(corpus, split, context)
  const before = (await reviewer.captions(modelDir)).map(({ caption }) => caption)
  const ciderBefore = await reviewer.cider(before)
  const divergence = await Divergence.of(
    modelDir,
    reviewer.clips.map((clip, i) => ({ clip, caption: before[i]! })),
  )
  const version = join(folder, 'version')
  const outcomes: Outcome[] = []
  for (const [n, { clip, missing, wanted }] of edits.entries()) {
    const learnt = await correctionHandlers['corrections.learn'](
      {
        parentDir: modelDir,
        modelDir: version,
        wanted: [wanted],
        kept: [],
        replay: corpus.clips.train.slice(0, REPLAYED),
        carry: carryOf(corpus, missing),
        leftOut: [],
        device: 'cpu',
      },
      context,
    )
    const caption = learnt.captions[0]!.wanted
    const after = (await reviewer.captions(version)).map((generated) => generated.caption)
    const ciderAfter = await reviewer.cider(after)
    const nearest = await nearestClips(bench, clip.id)
    const similar = reviewer.clips.flatMap((other, i) => {
      const errors = reviewer.missing(other, before[i]!).filter((k) => missing.includes(k))
      return nearest.has(other.id) && errors.length > 0 ? [{ other, i, errors }] : []
    })
    const places = reviewer.clips.map((_, i) => i).filter((i) => reviewer.clips[i]!.id !== clip.id)
    const count = (isCounted: (i: number) => boolean): number => places.filter(isCounted).length
    outcomes.push({
      typed: wanted.typed !== null,
      seconds: learnt.seconds,
      steps: learnt.steps,
      held: after[reviewer.clips.findIndex(({ id }) => id === clip.id)] === caption,
      robust: await robustness(version, clip, caption, { folder, context }),
      similar: similar.length,
      mended: similar.filter(
        ({ other, i, errors }) =>
          reviewer.missing(other, after[i]!).filter((k) => errors.includes(k)).length < errors.length,
      ).length,
      others: places.length,
      unchanged: count((i) => after[i] === before[i]),
      worse: count((i) => ciderAfter[i]! < ciderBefore[i]! - SAME),
      better: count((i) => ciderAfter[i]! > ciderBefore[i]! + SAME),
      divergence: await divergence.from(version),
    })
    log(`correction ${n + 1} of ${edits.length}: ${JSON.stringify(outcomes.at(-1))}`)
  }
  await divergence.release()
  await rm(version, { recursive: true, force: true })
  return outcomes
}

/** What an edit of some topics carries with. */
function carryOf({ topics, clips }: Corpus, columns: readonly number[]): Carry {
  const words = ownWords(topics)
  return {
    topics: columns.map((topic) => ({ topic, words: words[topic]! })),
    train: clips.train.slice(0, REPLAYED),
    validation: clips.val,
  }
}

/** The clips of the split that are nearest to one by v-bar. */
async function nearestClips({ corpus, modelDir, split }: Bench, clipId: number): Promise<Set<number>> {
  const { clipIds } = await neuronHandlers['neurons.neighbours'](
    { modelDir, clipId, limit: Object.values(corpus.clips).flat().length },
    { signal: new AbortController().signal, progress: () => undefined, unpaused: () => Promise.resolve() },
  )
  const unseen = new Set(corpus.clips[split].map(({ id }) => id))
  return new Set(clipIds.filter((id) => unseen.has(id)).slice(0, NEAREST))
}

/** Retention: of so many earlier corrections, those that are still said. */
export interface Retained {
  after: number
  held: number
}

/** Learns edits one after the other, each from the version before; looks back after so many. */
export async function learnInTurn(
  { corpus, modelDir, folder, context, split, log }: Bench,
  edits: readonly Edit[],
  looksAfter: readonly number[],
): Promise<Retained[]> {
  const reviewer = new Reviewer(corpus, split, context)
  const retained: Retained[] = []
  const kept: { clip: Edit['clip']; caption: string }[] = []
  let parentDir = modelDir
  for (const [n, { wanted, clip }] of edits.entries()) {
    const version = join(folder, `turn-${n}`)
    const learnt = await correctionHandlers['corrections.learn'](
      {
        parentDir,
        modelDir: version,
        // Without a map of its own a version says what the first one's moves had it say.
        wanted: [
          {
            ...wanted,
            topics: [],
            neurons: [],
            typed: wanted.typed ?? (await movedCaption(wanted, modelDir, context)),
          },
        ],
        kept,
        replay: corpus.clips.train.slice(0, REPLAYED),
        carry: { topics: [], train: [], validation: [] },
        leftOut: [],
        device: 'cpu',
      },
      context,
    )
    kept.push({ clip, caption: learnt.captions[0]!.wanted })
    if (looksAfter.includes(n + 1)) {
      const spoken = new Map((await reviewer.captions(version)).map(({ id, caption }) => [id, caption]))
      const held = kept.filter((lesson) => spoken.get(lesson.clip.id) === lesson.caption).length
      retained.push({ after: n + 1, held })
      log(`after ${n + 1} corrections ${held} hold`)
    }
    if (parentDir !== modelDir) {
      await rm(parentDir, { recursive: true, force: true })
    }
    parentDir = version
  }
  return retained
}

async function movedCaption(
  { clip, topics, neurons }: Edit['wanted'],
  modelDir: string,
  context: EngineContext,
): Promise<string> {
  const { captions } = await correctionHandlers['corrections.intervene'](
    { modelDir, interventions: [{ clip, topics, neurons }], beam: 5, device: 'cpu' },
    context,
  )
  return captions[0]!.after
}
