/** What held-out alignment says, in the words that the views share. */
import type { AlignmentFigures, NeuronAlignment, NeuronMap } from '#contract'
import { count, plural, score, time } from '../../composables/format.ts'

/** A q of at most this is more than chance. */
export const SIGNIFICANT = 0.05

export const SPLITS = { val: 'validation', test: 'test' } as const

/** What is known of a topic on held-out clips; null: nothing. */
export const topicAlignment = (
  alignment: NeuronAlignment | null,
  topicId: number,
): NeuronAlignment['topics'][number] | null =>
  alignment?.topics.find((topic) => topic.topicId === topicId) ?? null

/** The average precision of a random ranking is about the share of clips that bear the topic. */
export function chanceOf(alignment: NeuronAlignment, topicId: number): number {
  return (topicAlignment(alignment, topicId)?.bearing ?? 0) / Math.max(1, alignment.clips)
}

/** "q 0.012", "q < 0.001" */
export const corrected = (q: number): string => (q < 0.001 ? 'q < 0.001' : `q ${score(q)}`)

/** A figure with what chance alone would make of it. */
export function describe(figures: AlignmentFigures | null): string {
  if (figures === null) {
    return 'Not measured on held-out clips'
  }
  const verdict = figures.q <= SIGNIFICANT ? 'more than chance' : 'not more than chance'
  return `Average precision on held-out clips: ${verdict} (${corrected(figures.q)}); area under the curve ${score(figures.auc, 2)}`
}

/** What a map was made on, and when. */
export function madeOn({ trainingClips, alignment, createdAt }: NeuronMap): string {
  const topics = trainingClips === null ? 'clips of all splits' : plural(trainingClips, 'training clip')
  const heldOut =
    alignment === null
      ? 'none held out'
      : `${count(alignment.clips)} ${SPLITS[alignment.split]} ${alignment.clips === 1 ? 'clip' : 'clips'} held out`
  return `${topics}, ${heldOut}, ${time(createdAt)}`
}
