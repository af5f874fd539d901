/** What gates mend against what they spoil, edit by edit, for several ways to set them. */
import type { Split } from '#contract'
import { captionClips, Decoder } from '../../../src-main/engine/captioner/decoding/decoder.ts'
import { lookAgain } from '../../../src-main/engine/captioner/decoding/as-corrected.ts'
import { FeatureReader } from '../../../src-main/engine/captioner/features.ts'
import type { Gate } from '../../../src-main/engine/captioner/gates.ts'
import type { LoadedModel } from '../../../src-main/engine/captioner/loaded-models.ts'
import { loadModel } from '../../../src-main/engine/captioner/model-folder.ts'
import { makeGates } from '../../../src-main/engine/corrections/carrying.ts'
import { DECODING } from '../../../src-main/engine/corrections/lesson.ts'
import { readNeuronMap } from '../../../src-main/engine/neurons/neuron-map.ts'
import { ownWords } from '../../../src-main/project/review/topic-verdicts.ts'
import type { EngineContext, GeneratedCaption } from '../../../src-main/engine-host/contract/index.ts'
import type { Corpus } from '../interpretability/corpora/corpus.ts'
import { editsOf, LOOKED_AT } from './trial.ts'
import type { Edit } from './reviewer.ts'
import { Reviewer } from './reviewer.ts'

const SURE = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.2] as const
/** How far neurons are moved: the first that has the topic named stands. */
export const STRENGTHS: readonly (readonly number[])[] = [[1], [2], [3], [1, 2, 3]]
const SAME = 1e-9
const SEED = 1

/** What gates of one edit did, or of several together. */
export interface TradeOff {
  sure: number
  strengths: readonly number[]
  /** Errors of the same topics in other clips, and those that are mended. */
  errors: number
  mended: number
  /** Other captions, and those with a lower and a higher CIDEr. */
  others: number
  worse: number
  better: number
}

interface Place {
  corpus: Corpus
  modelDir: string
  split: Split
  /** Corrections at most. */
  most: number
  context: EngineContext
}

/** What the gates of each edit of a model's captions do, by every setting. */
export async function tradeOffs(
  { corpus, modelDir, split, most, context }: Place,
  ways: readonly (readonly number[])[],
): Promise<TradeOff[]> {
  const { signal } = context
  const model = await loadModel(modelDir)
  const reader = new FeatureReader(model.architecture.frames, model.transform)
  const decoder = new Decoder(model, { decoding: DECODING, device: 'cpu' })
  const loaded = { model, reader, decoder }
  const reviewer = new Reviewer(corpus, split, context)
  const first = await captionClips(loaded, reviewer.clips, { signal })
  const cider = await reviewer.cider(first.map(({ caption }) => caption))
  const words = ownWords(corpus.topics)
  const map = await readNeuronMap(modelDir)
  const edits = await editsOf({
    corpus,
    modelDir,
    split,
    context,
    seed: SEED,
    folder: '',
    log: () => undefined,
  })
  const found: TradeOff[] = []
  for (const edit of edits.slice(0, most)) {
    const carry = {
      topics: edit.missing.map((topic) => ({ topic, words: words[topic]! })),
      train: corpus.clips.train.slice(0, LOOKED_AT),
      validation: corpus.clips.val.slice(0, LOOKED_AT),
    }
    const gates = (await makeGates(model, map, carry, signal)).flatMap(({ gate }) => gate ?? [])
    for (const strengths of ways) {
      for (const sure of SURE) {
        const second = await secondLook(loaded, gates, { sure, strengths }, { reviewer, first, signal })
        found.push({ sure, strengths, ...(await outcomeOf(edit, { reviewer, first, cider, second })) })
      }
    }
  }
  await decoder.release()
  await reader.release()
  return found
}

/** The captions that gates give: moved by each strength in turn, until one has a topic of a gate named. */
async function secondLook(
  loaded: LoadedModel,
  gates: readonly Gate[],
  { sure, strengths }: Pick<TradeOff, 'sure' | 'strengths'>,
  { reviewer, first, signal }: { reviewer: Reviewer; first: GeneratedCaption[]; signal: AbortSignal },
): Promise<GeneratedCaption[]> {
  let captions = first
  for (const strength of strengths) {
    const set = gates.map((gate) => ({
      ...gate,
      threshold: sure,
      moves: gate.moves.map((move) => ({ ...move, strength })),
    }))
    const moved = await lookAgain(
      loaded,
      { gates: set, exempt: [] },
      { clips: reviewer.clips, first },
      { signal },
    )
    captions = captions.map((known, i) => (known === first[i] ? moved[i]! : known))
  }
  return captions
}

interface Looks {
  reviewer: Reviewer
  first: readonly GeneratedCaption[]
  /** CIDEr of the first captions. */
  cider: readonly number[]
  second: readonly GeneratedCaption[]
}

async function outcomeOf(
  { clip, missing }: Edit,
  { reviewer, first, cider, second }: Looks,
): Promise<Omit<TradeOff, 'sure' | 'strengths'>> {
  const after = await reviewer.cider(second.map(({ caption }) => caption))
  const places = reviewer.clips.map((_, i) => i).filter((i) => reviewer.clips[i]!.id !== clip.id)
  const errorsIn = (captions: readonly GeneratedCaption[], i: number): number =>
    reviewer.missing(reviewer.clips[i]!, captions[i]!.caption).filter((k) => missing.includes(k)).length
  const sumOver = (count: (i: number) => number): number => places.reduce((sum, i) => sum + count(i), 0)
  return {
    errors: sumOver((i) => errorsIn(first, i)),
    mended: sumOver((i) => Math.max(0, errorsIn(first, i) - errorsIn(second, i))),
    others: places.length,
    worse: places.filter((i) => after[i]! < cider[i]! - SAME).length,
    better: places.filter((i) => after[i]! > cider[i]! + SAME).length,
  }
}

/** Trade-offs of the same setting together, in the order of the settings. */
export function sums(found: readonly TradeOff[], ways: readonly (readonly number[])[]): TradeOff[] {
  return ways.flatMap((strengths) =>
    SURE.map((sure) => {
      const alike = found.filter((one) => one.sure === sure && one.strengths === strengths)
      const total = (figure: 'errors' | 'mended' | 'others' | 'worse' | 'better'): number =>
        alike.reduce((sum, one) => sum + one[figure], 0)
      return {
        sure,
        strengths,
        errors: total('errors'),
        mended: total('mended'),
        others: total('others'),
        worse: total('worse'),
        better: total('better'),
      }
    }),
  )
}
