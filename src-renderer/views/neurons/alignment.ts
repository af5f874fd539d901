/** What held-out alignment says, in the words that the views share. */
import type { AlignmentFigures, NeuronAlignment, NeuronMap } from '#contract'
import { count, plural, score, time } from '../../composables/format.ts'
import { t } from '../../language/index.ts'

/** A q of at most this is more than chance. */
export const SIGNIFICANT = 0.05

/** What clips that are held out are counted as. */
export const HELD_OUT = { val: 'validationClip', test: 'testClip' } as const

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
    return t('neurons.notMeasuredOnHeldOut')
  }
  const verdict = figures.q <= SIGNIFICANT ? t('neurons.moreThanChance') : t('neurons.notMoreThanChance')
  return t('neurons.averagePrecisionOnHeldOutClips', {
    verdict,
    corrected: corrected(figures.q),
    auc: score(figures.auc, 2),
  })
}

/** What a map was made on, and when. */
export function madeOn({ trainingClips, alignment, createdAt }: NeuronMap): string {
  const topics =
    trainingClips === null ? t('neurons.clipsOfAllSplits') : plural(trainingClips, 'trainingClip')
  const heldOut =
    alignment === null
      ? t('neurons.noneHeldOut')
      : t(
          'neurons.heldOutClips',
          {
            clips: count(alignment.clips),
            splits: t(`splits.${alignment.split}`),
          },
          alignment.clips,
        )
  return `${topics}, ${heldOut}, ${time(createdAt)}`
}
