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
import type { Corpus } from './corpora/corpus.ts'

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
}

/** How many corrections are learnt at most, and the seed that they are drawn by. */
interface Choice {
  limit: number
  seed: number
}

/** Repairs captions of a corpus' test clips. */
export class Repairer {
  readonly #corpus: Corpus
  readonly #context: EngineContext
  /** By topic, whether a caption names it. */
  readonly #topicsIn: (caption: string) => boolean[]
  /** By clip, the topics that it bears. */
  readonly #borne: ReadonlyMap<number, ReadonlySet<number>>
  /** By clip, the share of people's captions that name each topic. */
  readonly #namedShares: ReadonlyMap<number, number[]>

  constructor(corpus: Corpus, context: EngineContext) {
    const { clips, topics } = corpus
    this.#corpus = corpus
    this.#context = context
    this.#topicsIn = topicSpotter(topics)
    this.#borne = new Map(clips.test.map((clip) => [clip.id, new Set(clip.topics)]))
    this.#namedShares = new Map(
      clips.test.map(({ id, captions }) => {
        const named = captions.map((caption) => this.#topicsIn(caption))
        return [
          id,
          topics.map((_, k) => named.filter((topicsNamed) => topicsNamed[k]).length / captions.length),
        ]
      }),
    )
  }

  /** The network's own errors. `folder` is for models that are thrown away. */
  async natural(modelDir: string, folder: string, { limit, seed }: Choice): Promise<Repairs> {
    const { test } = this.#corpus.clips
    const captions = await this.#captionsBy(modelDir)
    const wrong = test.flatMap((clip, i) => this.#correctionOf(clip, captions[i]!))
    const answered = await this.#answered(modelDir, captions, wrong)
    const chosen = createRandom(seed)
      .shuffle([...answered])
      .slice(0, limit)
    const learnt = await this.#learnEach(modelDir, folder, captions, chosen)
    return { errors: wrong.length, answered: answered.length, ...learnt }
  }

  /** Induced errors: one clip of each topic that has such errors. */
  async induced(modelDir: string, folder: string, { limit, seed }: Choice): Promise<Repairs> {
    const { clips, topics } = this.#corpus
    const intact = await this.#captionsBy(modelDir)
    const map = await readNeuronMap(modelDir)
    const random = createRandom(seed)
    const total: Repairs = { errors: 0, answered: 0, learnt: 0, held: 0, others: 0, worse: 0, better: 0 }
    const damaged = join(folder, 'damaged')
    for (const topic of random.shuffle(topics.map((_, k) => k))) {
      if (total.learnt >= limit) {
        break
      }
      const naming = clips.test.filter(
        ({ id }, i) => this.#topicsIn(intact[i]!)[topic] && this.#isWanted(id, topic),
      )
      if (naming.length === 0) {
        continue
      }
      await damage(modelDir, damaged, neuronsOfTopic(map, topic))
      const captions = await this.#captionsBy(damaged)
      const wrong = naming
        .filter((clip) => !this.#topicsIn(captions[clips.test.indexOf(clip)]!)[topic])
        .map((clip) => ({ clip, moves: { topics: [{ topic, strength: 1 }], neurons: [] } }))
      const answered = await this.#answered(damaged, captions, wrong)
      const chosen = random.shuffle([...answered]).slice(0, 1)
      add(total, {
        errors: wrong.length,
        answered: answered.length,
        ...(await this.#learnEach(damaged, folder, captions, chosen)),
      })
    }
    await rm(damaged, { recursive: true, force: true })
    return total
  }

  /** Whether a clip bears a topic, and people name it. */
  #isWanted(clipId: number, topic: number): boolean {
    return this.#borne.get(clipId)!.has(topic) && this.#namedShares.get(clipId)![topic]! > NAMED_BY
  }

  /** What a reviewer does about a caption: none when it misses no topic. */
  #correctionOf(clip: CaptionedClip, caption: string): Correction[] {
    const named = this.#topicsIn(caption)
    const columns = this.#corpus.topics.map((_, topic) => topic)
    const missing = columns.filter((topic) => !named[topic] && this.#isWanted(clip.id, topic))
    const unsupported = columns.filter(
      (topic) =>
        named[topic] && !this.#borne.get(clip.id)!.has(topic) && this.#namedShares.get(clip.id)![topic] === 0,
    )
    if (missing.length === 0) {
      return []
    }
    const topics = [
      ...missing.map((topic) => ({ topic, strength: 1 })),
      ...unsupported.map((topic) => ({ topic, strength: -1 })),
    ]
    return [{ clip, moves: { topics, neurons: [] } }]
  }

  /** Captions of the test clips in their order. */
  async #captionsBy(modelDir: string): Promise<string[]> {
    const { captions } = await captionerHandlers['captioner.caption'](
      { modelDir, clips: this.#corpus.clips.test, decoding: BEAM, device: 'cpu' },
      this.#context,
    )
    return captions.map(({ caption }) => caption)
  }

  /** CIDEr of captions of the test clips, in their order. */
  async #ciderOf(captions: readonly string[]): Promise<number[]> {
    const { test } = this.#corpus.clips
    const { captions: scored } = await metricHandlers['metrics.score'](
      {
        hypotheses: test.map(({ id }, i) => ({ id: String(id), caption: captions[i] ?? '' })),
        references: test.map((clip) => ({ id: String(clip.id), captions: clip.captions })),
        tokenizer: 'words',
        bootstrap: null,
      },
      this.#context,
    )
    return scored.map(({ metrics }) => metrics.CIDEr)
  }

  /** Those corrections whose moves bring the caption nearer to what people say, in their order. */
  async #answered(
    modelDir: string,
    captions: readonly string[],
    corrections: readonly Correction[],
  ): Promise<Correction[]> {
    if (corrections.length === 0) {
      return []
    }
    const { test } = this.#corpus.clips
    const intervened = await correctionHandlers['corrections.intervene'](
      {
        modelDir,
        interventions: corrections.map(({ clip, moves }) => ({ clip, ...moves })),
        beam: BEAM.beam,
        device: 'cpu',
      },
      this.#context,
    )
    const after = new Map(corrections.map(({ clip }, i) => [clip.id, intervened.captions[i]!.after]))
    const ciderBefore = await this.#ciderOf(captions)
    const ciderAfter = await this.#ciderOf(test.map(({ id }, i) => after.get(id) ?? captions[i]!))
    const placeOf = new Map(test.map(({ id }, i) => [id, i]))
    return corrections.filter(({ clip }) => {
      const place = placeOf.get(clip.id)!
      return ciderAfter[place]! > ciderBefore[place]! + SAME
    })
  }

  /** Learns each correction from the parent, and compares the other captions with the parent's. */
  async #learnEach(
    parentDir: string,
    folder: string,
    captions: readonly string[],
    corrections: readonly Correction[],
  ): Promise<Pick<Repairs, 'learnt' | 'held' | 'others' | 'worse' | 'better'>> {
    const { train, test } = this.#corpus.clips
    const ciderBefore = await this.#ciderOf(captions)
    const sums = { learnt: 0, held: 0, others: 0, worse: 0, better: 0 }
    const modelDir = join(folder, 'corrected')
    for (const { clip, moves } of corrections) {
      const {
        captions: [learnt],
      } = await correctionHandlers['corrections.learn'](
        {
          parentDir,
          modelDir,
          wanted: [{ clip, ...moves, typed: null }],
          cells: this.#corpus.cells,
          kept: [],
          carry: { topics: [], train: [], validation: [] },
          leftOut: [],
          shown: [],
          others: train.slice(0, REPLAYED),
          device: 'cpu',
        },
        this.#context,
      )
      const corrected = await this.#captionsBy(modelDir)
      const ciderAfter = await this.#ciderOf(corrected)
      sums.learnt += 1
      sums.held += corrected[test.indexOf(clip)] === learnt?.wanted ? 1 : 0
      test.forEach((other, i) => {
        if (other === clip) {
          return
        }
        sums.others += 1
        sums.worse += ciderAfter[i]! < ciderBefore[i]! - SAME ? 1 : 0
        sums.better += ciderAfter[i]! > ciderBefore[i]! + SAME ? 1 : 0
      })
    }
    await rm(modelDir, { recursive: true, force: true })
    return sums
  }
}

function add(total: Repairs, repairs: Repairs): void {
  for (const figure of Object.keys(total) as (keyof Repairs)[]) {
    total[figure] += repairs[figure]
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
