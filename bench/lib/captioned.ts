/** A generated project whose clips two models have captioned. */
import { captionerSettings, decoding } from '#contract'
import type { Split } from '#contract'
import { createRandom } from '../../src-main/common/random.ts'
import { NO_MEDIA, NO_ORIGIN } from '../../src-main/store/index.ts'
import type { OpenProject } from '../../src-main/store/index.ts'
import { addTopics, clipName } from './project.ts'

const CAPTION_WORDS = 8
const [K, WORDS_OF_TOPIC, TOPICS_OF_CLIP] = [100, 60, 3]
/** Topics of a generated project. */
export const TOPICS = K

export interface Size {
  clips: number
  /** Human captions of each clip. */
  captions: number
  /** Frames that the attention of each word is over; 0: none is kept. */
  frames: number
  /** The split of a clip by its number. */
  splitOf: (clip: number) => Split
}

const random = createRandom(1)
const wordOf = (topic: number, rank: number): string => `t${topic}w${rank}`
const sentence = (topics: readonly number[]): string[] =>
  Array.from({ length: CAPTION_WORDS }, () =>
    wordOf(topics[random.below(topics.length)]!, Math.floor(WORDS_OF_TOPIC * random.next() ** 2)),
  )

/** Fills a project through the store; returns two models that captioned every clip. */
export function fillCaptioned(project: OpenProject, { clips, captions, frames, splitOf }: Size): number[] {
  const topicsOf = Array.from({ length: clips }, () =>
    Array.from({ length: TOPICS_OF_CLIP }, () => random.below(K)),
  )
  project.store.clips.add(
    topicsOf.map((topics, i) => ({
      name: clipName(i),
      split: splitOf(i),
      captions: Array.from({ length: captions }, () => ({
        text: sentence(topics).join(' '),
        origin: NO_ORIGIN,
      })),
      ...NO_MEDIA,
    })),
  )
  const ranks = Array.from({ length: WORDS_OF_TOPIC }, (_, rank) => rank)
  const columns = Array.from({ length: K }, (_, topic) => topic)
  addTopics(project, {
    tokens: clips * captions * CAPTION_WORDS,
    sweeps: 1,
    vocabulary: columns.flatMap((topic) =>
      ranks.map((rank) => ({ word: wordOf(topic, rank), tokens: 100, documents: 50 })),
    ),
    topics: columns.map((topic) => ({
      label: wordOf(topic, 0),
      words: ranks.map((rank) => ({ word: wordOf(topic, rank), count: WORDS_OF_TOPIC - rank })),
    })),
    shares: topicsOf.map((topics) => {
      const shares = new Float64Array(K)
      for (const topic of topics) {
        shares[topic]! += 1 / TOPICS_OF_CLIP
      }
      return shares
    }),
  })
  return [1, 2].map((seed) => addModel(project, { seed, frames, topicsOf }))
}

/** A model with a caption of every clip. */
function addModel(
  { store }: OpenProject,
  { seed, frames, topicsOf }: { seed: number; frames: number; topicsOf: readonly number[][] },
): number {
  const topics = store.topics.current().map(({ id }) => id)
  const { id } = store.models.add({
    parent: null,
    jobId: null,
    kind: 'interpretive',
    origin: 'trained',
    settings: captionerSettings.parse({}),
    seed,
    topics,
    fingerprints: store.topics.fingerprints(topics),
    featureKey: 'k',
    frames: Math.max(1, frames),
  })
  store.generated.put(
    id,
    store.clips.all().map(({ id: clipId }, i) => {
      const words = sentence([...topicsOf[i]!, random.below(K)])
      const attention = () => Array.from({ length: frames }, () => random.next() / frames)
      return {
        clipId,
        decoding: decoding.parse({}),
        caption: words.join(' '),
        logProbability: -30 * random.next(),
        score: null,
        words: words.map((word) => ({
          word,
          logProbability: -4 * random.next(),
          attention: attention(),
        })),
        alternatives: [],
        cider: 3 * random.next(),
        topics: Array.from({ length: K }, () => random.next() ** 8),
      }
    }),
  )
  return id
}
