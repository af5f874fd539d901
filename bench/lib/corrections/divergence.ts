/** How far a version's next words are from its parent's: the divergence of their distributions. */
import { encodeClips, longestCaption } from '../../../src-main/engine/captioner/encoded-clips.ts'
import { FeatureReader } from '../../../src-main/engine/captioner/features.ts'
import { nextWordLogProbabilities } from '../../../src-main/engine/captioner/losses.ts'
import { batchFeeds, batchLeaves, layOut } from '../../../src-main/engine/captioner/minibatch.ts'
import { createNetwork, encode } from '../../../src-main/engine/captioner/model.ts'
import { loadModel } from '../../../src-main/engine/captioner/model-folder.ts'
import type { CaptionerModel } from '../../../src-main/engine/captioner/model-folder.ts'
import { compile } from '../../../src-main/engine/graph/runtime.ts'
import type { Session, Tensor } from '../../../src-main/engine/graph/runtime.ts'
import { floats, tensorFor } from '../../../src-main/engine/graph/session.ts'
import type { ClipFeatures } from '../../../src-main/engine-host/contract/index.ts'

const CLIPS = 16

interface Batch {
  feeds: Record<string, Tensor>
  /** [T, R]: 1 where there is a word. */
  wordMask: Float32Array
  /** ln p of the parent, [T*R, V]. */
  parent: Float32Array
}

/** A parent's captions of some clips, to hold versions of it against. */
export class Divergence {
  readonly #session: Session
  readonly #leaves: ReadonlySet<string>
  readonly #batches: readonly Batch[]

  private constructor(session: Session, leaves: ReadonlySet<string>, batches: readonly Batch[]) {
    this.#session = session
    this.#leaves = leaves
    this.#batches = batches
  }

  static async of(
    modelDir: string,
    spoken: readonly { clip: ClipFeatures; caption: string }[],
  ): Promise<Divergence> {
    const model = await loadModel(modelDir)
    const { architecture, vocabulary } = model
    const clips = encodeClips(
      spoken.map(({ clip, caption }) => ({ ...clip, topics: [], captions: [caption] })),
      vocabulary,
      architecture.settings.maxWords,
    )
    const shape = { clips: CLIPS, captions: 1, words: longestCaption(clips) }
    const batch = batchLeaves(architecture, shape)
    const network = createNetwork(architecture)
    const leaves = new Set(network.leaves.keys())
    const v = encode(network, batch.features, batch.frameMask)
    const session = await compile({ scores: nextWordLogProbabilities(network, v, batch) })
    const reader = new FeatureReader(architecture.frames, model.transform)
    const batches: Batch[] = []
    for (let start = 0; start < clips.length; start += CLIPS) {
      const entries = clips.slice(start, start + CLIPS).map((clip) => ({ clip, captions: [0] }))
      const arrays = layOut(entries, shape, architecture.topics)
      const all = await batchFeeds(batch, arrays, reader)
      const feeds = Object.fromEntries(
        [batch.features, batch.frameMask, batch.words, batch.wordMask].map((leaf) => [
          leaf.name,
          tensorFor(leaf, all.get(leaf.name)!),
        ]),
      )
      const parent = await scoresOf(session, leaves, model, feeds)
      batches.push({ feeds, wordMask: arrays.wordMask, parent })
    }
    await reader.release()
    return new Divergence(session, leaves, batches)
  }

  /** Mean Kullback-Leibler divergence of a version's next words from the parent's, in nats a word. */
  async from(modelDir: string): Promise<number> {
    const model = await loadModel(modelDir)
    let [sum, words] = [0, 0]
    for (const { feeds, wordMask, parent } of this.#batches) {
      const version = await scoresOf(this.#session, this.#leaves, model, feeds)
      const V = parent.length / wordMask.length
      wordMask.forEach((isWord, row) => {
        if (isWord === 0) {
          return
        }
        words += 1
        for (let i = row * V; i < (row + 1) * V; i++) {
          sum += Math.exp(parent[i]!) * (parent[i]! - version[i]!)
        }
      })
    }
    return sum / words
  }

  async release(): Promise<void> {
    await this.#session.release()
  }
}

async function scoresOf(
  session: Session,
  leaves: ReadonlySet<string>,
  { parameters }: CaptionerModel,
  feeds: Record<string, Tensor>,
): Promise<Float32Array> {
  const weights = [...parameters].filter(([name]) => leaves.has(name))
  return floats(await session.run({ ...Object.fromEntries(weights), ...feeds }), 'scores').slice()
}
