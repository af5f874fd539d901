/** Corrections learnt one by one, each from the same parent, and what each of them did. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Split } from '#contract'
import { createRandom } from '../../../src-main/common/random.ts'
import { correctionHandlers } from '../../../src-main/engine/corrections/index.ts'
import { neuronHandlers } from '../../../src-main/engine/neurons/index.ts'
import { ownWords } from '../../../src-main/project/review/topic-verdicts.ts'
import type { Carry, EngineContext, EngineParams } from '../../../src-main/engine-host/contract/index.ts'
import type { Corpus } from '../interpretability/corpora/corpus.ts'
import { Divergence } from './divergence.ts'
import { onceEach } from './once-each.ts'
import { Reviewer } from './reviewer.ts'
import type { Edit } from './reviewer.ts'
import { robustness } from './robustness.ts'

/** Clips of a split that learning looks at, as many as the project takes. */
export const LOOKED_AT = 512
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
  /** Clips of validation and training that would have been shown as touched, and those that are mended. */
  shown: number
  shownMended: number
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

/** Learns each edit from the model by itself; outcomes are kept in the folder. */
export async function learnEach(bench: Bench, edits: readonly Edit[]): Promise<Outcome[]> {
  const { corpus, modelDir, folder, split, context, log } = bench
  const reviewer = new Reviewer(corpus, split, context)
  const captions = (await reviewer.captions(modelDir)).map(({ caption }) => caption)
  const divergence = await Divergence.of(
    modelDir,
    reviewer.clips.map((clip, i) => ({ clip, caption: captions[i]! })),
  )
  const before = { reviewer, captions, cider: await reviewer.cider(captions), divergence }
  const version = join(folder, 'version')
  const keys = edits.map(({ clip }) => keyOf(bench, clip.id))
  const outcomes = await onceEach(join(folder, 'outcomes.jsonl'), keys, async (n) => {
    const outcome = await outcomeOf(bench, edits[n]!, version, before)
    log(`correction ${n + 1} of ${edits.length}: ${JSON.stringify(outcome)}`)
    return outcome
  })
  await divergence.release()
  await rm(version, { recursive: true, force: true })
  return outcomes
}

const keyOf = ({ modelDir, split }: Bench, clipId: number): string => `${modelDir} ${split} ${clipId}`

/** What the model said before anything was learnt. */
interface Before {
  reviewer: Reviewer
  /** By clip of the split, and their CIDEr. */
  captions: string[]
  cider: number[]
  divergence: Divergence
}

async function outcomeOf(
  bench: Bench,
  { clip, missing, wanted }: Edit,
  version: string,
  { reviewer, captions: before, cider: ciderBefore, divergence }: Before,
): Promise<Outcome> {
  const { corpus, modelDir, folder, context } = bench
  const learnt = await correctionHandlers['corrections.learn'](
    {
      parentDir: modelDir,
      modelDir: version,
      wanted: [wanted],
      cells: corpus.cells,
      kept: [],
      others: corpus.clips.train.slice(0, LOOKED_AT),
      carry: carryOf(corpus, missing),
      leftOut: [],
      shown: [corpus.clips.val, corpus.clips.train]
        .flatMap((clips) => clips.slice(0, LOOKED_AT))
        .filter(({ id }) => id !== clip.id),
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
    return other.id !== clip.id && nearest.has(other.id) && errors.length > 0 ? [{ other, i, errors }] : []
  })
  const places = reviewer.clips.map((_, i) => i).filter((i) => reviewer.clips[i]!.id !== clip.id)
  const count = (isCounted: (i: number) => boolean): number => places.filter(isCounted).length
  return {
    typed: wanted.typed !== null,
    seconds: learnt.seconds,
    steps: learnt.steps,
    held: after[reviewer.clips.findIndex(({ id }) => id === clip.id)] === caption,
    robust: await robustness(version, clip, caption, { cells: corpus.cells, folder, context }),
    similar: similar.length,
    mended: similar.filter(
      ({ other, i, errors }) =>
        reviewer.missing(other, after[i]!).filter((k) => errors.includes(k)).length < errors.length,
    ).length,
    shown: learnt.shown.length,
    shownMended: learnt.shown.filter(({ isMended }) => isMended).length,
    others: places.length,
    unchanged: count((i) => after[i] === before[i]),
    worse: count((i) => ciderAfter[i]! < ciderBefore[i]! - SAME),
    better: count((i) => ciderAfter[i]! > ciderBefore[i]! + SAME),
    divergence: await divergence.from(version),
  }
}

/** What an edit of some topics carries with. */
function carryOf({ topics, clips }: Corpus, columns: readonly number[]): Carry {
  const words = ownWords(topics)
  return {
    topics: columns.map((topic) => ({ topic, words: words[topic]! })),
    train: clips.train.slice(0, LOOKED_AT),
    validation: clips.val.slice(0, LOOKED_AT),
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

/**
 * Learns edits one after the other, each from the version before; looks back after so many. The last version and
 * what was said are kept in the folder, so that a chain that was broken off goes on.
 */
export async function learnInTurn(
  bench: Bench,
  edits: readonly Edit[],
  looksAfter: readonly number[],
): Promise<Retained[]> {
  const { modelDir, folder, log } = bench
  const versionAfter = (turns: number): string => (turns === 0 ? modelDir : join(folder, `turn-${turns}`))
  const keys = edits.map(({ clip }, n) => `${n} ${keyOf(bench, clip.id)}`)
  const turns = await onceEach<Turn>(join(folder, 'turns.jsonl'), keys, async (n, earlier) => {
    const kept = earlier.map(({ caption }, i) => ({ clip: edits[i]!.clip, caption }))
    const [parentDir, version] = [versionAfter(n), versionAfter(n + 1)]
    const caption = await learnTurn(bench, edits[n]!, kept, { parentDir, version })
    const held = looksAfter.includes(n + 1)
      ? await heldBy(bench, version, [...kept, { clip: edits[n]!.clip, caption }])
      : null
    log(`turn ${n + 1} of ${edits.length}${held === null ? '' : `: ${held} hold`}`)
    if (n > 1) {
      // The parent stays: this turn is not written down yet.
      await rm(versionAfter(n - 1), { recursive: true, force: true })
    }
    return { caption, held }
  })
  return turns.flatMap(({ held }, n) => (held === null ? [] : [{ after: n + 1, held }]))
}

/** One correction of a chain: what was wanted, and how many hold after it where that was looked at. */
interface Turn {
  caption: string
  held: number | null
}

type Kept = EngineParams<'corrections.learn'>['kept']

/** Learns an edit from a version; returns what was wanted. */
async function learnTurn(
  { corpus, modelDir, context }: Bench,
  { wanted }: Edit,
  kept: Kept,
  { parentDir, version }: { parentDir: string; version: string },
): Promise<string> {
  // Without a map of its own a version says what the first one's moves had it say.
  const typed = wanted.typed ?? (await movedCaption(wanted, modelDir, context))
  const { captions } = await correctionHandlers['corrections.learn'](
    {
      parentDir,
      modelDir: version,
      wanted: [{ clip: wanted.clip, topics: [], neurons: [], typed }],
      cells: corpus.cells,
      kept,
      others: corpus.clips.train.slice(0, LOOKED_AT),
      carry: { topics: [], train: [], validation: [] },
      leftOut: [],
      shown: [],
      device: 'cpu',
    },
    context,
  )
  return captions[0]!.wanted
}

/** Of some corrections, how many a version says. */
async function heldBy({ corpus, split, context }: Bench, version: string, kept: Kept): Promise<number> {
  const captions = await new Reviewer(corpus, split, context).captions(version)
  const spoken = new Map(captions.map(({ id, caption }) => [id, caption]))
  return kept.filter(({ clip, caption }) => spoken.get(clip.id) === caption).length
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
