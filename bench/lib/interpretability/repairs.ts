/**
 * Corrections on test clips, each learnt from the same parent by itself. An error is a caption that misses
 * words of topics which its clip bears and over a third of the people name; the reviewer of this file adds
 * these topics and drops those that the caption names without reason, and goes on where the intervened
 * caption is nearer to what people say.
 *
 * Errors are the network's own, or induced: the neurons of a topic are taken out of a copy of the network,
 * for good, by setting all weights that lead into them to zero (an LSTM unit without weights stays at zero,
 * and can learn again). What the copy then misses of that topic in clips whose captions named it is an error
 * that its reviewer adds the topic for.
 */
import { cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { decoding } from '#contract'
import { captionerHandlers } from '../../../src-main/engine/captioner/index.ts'
import { loadModel, writeModelFiles } from '../../../src-main/engine/captioner/model-folder.ts'
import type { CaptionedClip, EngineContext, Moves } from '../../../src-main/engine-host/contract/index.ts'
import { correctionHandlers } from '../../../src-main/engine/corrections/index.ts'
import { metricHandlers } from '../../../src-main/engine/metrics/index.ts'
import { neuronsOfTopic } from '../../../src-main/engine/neurons/intervention.ts'
import { readNeuronMap } from '../../../src-main/engine/neurons/neuron-map.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import { topicSpotter } from '../../../src-main/project/review/topic-verdicts.ts'
import type { Corpus } from './corpora.ts'

const BEAM = decoding.parse({})
/** People name a topic of a clip when more than this share of its captions do. */
const NAMED_BY = 1 / 3
/** Training clips whose captions are to stay, as many as the project takes. */
const REPLAYED = 512
/** CIDEr within this is the same. */
const SAME = 1e-9

export interface Repairs {
  /** Captions with an error. */
  errors: number
  /** Of these, those whose intervened caption is nearer to what people say. */
  answered: number
  /**
   * Of these, those that were learnt: at most as many as asked for; and of these, those that the network now
   * says by itself.
   */
  learnt: number
  held: number
  /**
   * Other test captions, over all that was learnt; of these those with a lower and with a higher CIDEr than
   * before.
   */
  others: number
  worse: number
  better: number
}

interface Correction {
  clip: CaptionedClip
  moves: Moves
  /** CIDEr of the caption as it is and as intervened. */
  before: number
  after: number
}

export function createRepairs({ clips: { train, test }, topics }: Corpus, context: EngineContext) {
  const spot = topicSpotter(topics)
  const references = test.map(({ id, captions }) => ({ id: String(id), captions }))
  const borne = new Map(test.map(({ id, topics: own }) => [id, new Set(own)]))
  const humans = new Map(
    test.map(({ id, captions }) => {
      const named = captions.map((caption) => spot(caption))
      return [id, topics.map((_, k) => named.filter((each) => each[k]).length / captions.length)]
    }),
  )
  const bears = (id: number, topic: number): boolean =>
    borne.get(id)!.has(topic) && humans.get(id)![topic]! > NAMED_BY

  /** Captions of the test clips in their order. */
  async function captionsBy(modelDir: string): Promise<string[]> {
    const { captions } = await captionerHandlers['captioner.caption'](
      { modelDir, clips: test, decoding: BEAM, device: 'cpu' },
      context,
    )
    return captions.map(({ caption }) => caption)
  }

  async function ciderOf(captions: readonly string[]): Promise<number[]> {
    const hypotheses = test.map(({ id }, i) => ({ id: String(id), caption: captions[i] ?? '' }))
    const scored = await metricHandlers['metrics.score'](
      { hypotheses, references, tokenizer: 'words', bootstrap: null },
      context,
    )
    return scored.captions.map(({ metrics }) => metrics.CIDEr)
  }

  /** Of what is wrong the moves that bring a caption nearer to what people say, in the order of `wrong`. */
  async function answered(
    modelDir: string,
    captions: readonly string[],
    wrong: readonly { clip: CaptionedClip; moves: Moves }[],
  ): Promise<Correction[]> {
    if (wrong.length === 0) {
      return []
    }
    const answers = await correctionHandlers['corrections.intervene'](
      {
        modelDir,
        interventions: wrong.map(({ clip, moves }) => ({ clip, ...moves })),
        beam: BEAM.beam,
        device: 'cpu',
      },
      context,
    )
    const after = new Map(wrong.map(({ clip }, i) => [clip.id, answers.captions[i]!.after]))
    const [was, is] = [
      await ciderOf(captions),
      await ciderOf(test.map(({ id }, i) => after.get(id) ?? captions[i]!)),
    ]
    const place = new Map(test.map(({ id }, i) => [id, i]))
    return wrong
      .map((own) => ({ ...own, before: was[place.get(own.clip.id)!]!, after: is[place.get(own.clip.id)!]! }))
      .filter((own) => own.after > own.before + SAME)
  }

  /** Learns each correction from the parent, and compares the other captions with the parent's. */
  async function learnEach(
    parentDir: string,
    folder: string,
    captions: readonly string[],
    corrections: readonly Correction[],
  ): Promise<Pick<Repairs, 'learnt' | 'held' | 'others' | 'worse' | 'better'>> {
    const was = await ciderOf(captions)
    const sum = { learnt: 0, held: 0, others: 0, worse: 0, better: 0 }
    const modelDir = join(folder, 'corrected')
    for (const { clip, moves } of corrections) {
      const {
        captions: [learnt],
      } = await correctionHandlers['corrections.learn'](
        {
          parentDir,
          modelDir,
          wanted: [{ clip, ...moves, typed: null }],
          replay: train.slice(0, REPLAYED),
          device: 'cpu',
        },
        context,
      )
      const now = await captionsBy(modelDir)
      const is = await ciderOf(now)
      sum.learnt += 1
      sum.held += now[test.indexOf(clip)] === learnt?.wanted ? 1 : 0
      test.forEach((other, i) => {
        if (other === clip) {
          return
        }
        sum.others += 1
        sum.worse += is[i]! < was[i]! - SAME ? 1 : 0
        sum.better += is[i]! > was[i]! + SAME ? 1 : 0
      })
    }
    await rm(modelDir, { recursive: true, force: true })
    return sum
  }

  return {
    /** The network's own errors; `most` of them, drawn by `seed`, are learnt. */
    async natural(modelDir: string, folder: string, most: number, seed: number): Promise<Repairs> {
      const captions = await captionsBy(modelDir)
      const wrong = test.flatMap((clip, i) => {
        const named = spot(captions[i]!)
        const missing = topics.flatMap((_, topic) =>
          !named[topic] && bears(clip.id, topic) ? [{ topic, strength: 1 }] : [],
        )
        const unsupported = topics.flatMap((_, topic) =>
          named[topic] && !borne.get(clip.id)!.has(topic) && humans.get(clip.id)![topic] === 0
            ? [{ topic, strength: -1 }]
            : [],
        )
        return missing.length === 0
          ? []
          : [{ clip, moves: { topics: [...missing, ...unsupported], neurons: [] } }]
      })
      const all = await answered(modelDir, captions, wrong)
      const learnt = await learnEach(
        modelDir,
        folder,
        captions,
        createRandom(seed)
          .shuffle([...all])
          .slice(0, most),
      )
      return { errors: wrong.length, answered: all.length, ...learnt }
    },

    /** Induced errors: one clip of each topic, of `most` topics with such errors, drawn by `seed`. */
    async induced(modelDir: string, folder: string, most: number, seed: number): Promise<Repairs> {
      const intact = await captionsBy(modelDir)
      const map = await readNeuronMap(modelDir)
      const random = createRandom(seed)
      const total: Repairs = { errors: 0, answered: 0, learnt: 0, held: 0, others: 0, worse: 0, better: 0 }
      const damaged = join(folder, 'damaged')
      for (const topic of random.shuffle(topics.map((_, k) => k))) {
        if (total.learnt >= most) {
          break
        }
        const naming = test.filter(({ id }, i) => spot(intact[i]!)[topic] && bears(id, topic))
        if (naming.length === 0) {
          continue
        }
        await damage(modelDir, damaged, neuronsOfTopic(map, topic))
        const captions = await captionsBy(damaged)
        const wrong = naming
          .filter((clip) => !spot(captions[test.indexOf(clip)]!)[topic])
          .map((clip) => ({ clip, moves: { topics: [{ topic, strength: 1 }], neurons: [] } }))
        const all = await answered(damaged, captions, wrong)
        const learnt = await learnEach(damaged, folder, captions, random.shuffle([...all]).slice(0, 1))
        total.errors += wrong.length
        total.answered += all.length
        for (const name of ['learnt', 'held', 'others', 'worse', 'better'] as const) {
          total[name] += learnt[name]
        }
      }
      await rm(damaged, { recursive: true, force: true })
      return total
    },
  }
}

/**
 * Writes the model of `from`, with its neuron map, into `to` without the weights that lead into some learnt
 * neurons.
 */
async function damage(from: string, to: string, neurons: readonly number[]): Promise<void> {
  const model = await loadModel(from)
  const E = model.architecture.settings.encoderSize
  const { firstLearnt } = await readNeuronMap(from)
  for (const [d, direction] of (['forward', 'backward'] as const).entries()) {
    const units = neurons
      .map((neuron) => neuron - firstLearnt - d * E)
      .filter((unit) => unit >= 0 && unit < E)
    for (const part of ['input', 'hidden', 'bias']) {
      const weights = model.parameters.get(`encoder.${direction}.${part}`)!.data
      // Columns are the four gates of all units, one gate after the other.
      for (let row = 0; row < weights.length; row += E) {
        for (const unit of units) {
          weights[row + unit] = 0
        }
      }
    }
  }
  await rm(to, { recursive: true, force: true })
  await mkdir(to, { recursive: true })
  await cp(from, to, { recursive: true })
  await writeModelFiles(to, model)
}
