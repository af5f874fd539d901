import { t } from '../../language/index.ts'
import type { PlainKey } from '../../language/index.ts'
import type { ActionFeatures, ActionsResult } from '#contract'

/** What a kind of features is called: `Interpretive v3`, `Topic scores v3`, `Frame features`. */
export function sourceTitle({ of, modelId, kind }: ActionFeatures): string {
  const version = modelId === null ? '' : ` v${modelId}`
  switch (of) {
    case 'neurons':
      return `${t(KINDS[kind ?? 'interpretive'])}${version}`
    case 'topics':
      return `${t('actions.topicScores')}${version}`
    case 'untrained':
      return `${t('actions.untrained')}${version}`
    case 'frames':
      return t('actions.frameFeatures')
  }
}

/** What is read of a clip, in a sentence. */
export const sourceNote = ({ of, size }: ActionFeatures & { size: number }): string =>
  `${t(NOTES[of])}${size === 0 ? '' : ` (${size})`}`

const NOTES: Record<ActionFeatures['of'], PlainKey> = {
  neurons: 'actions.neuronsNote',
  topics: 'actions.topicsNote',
  untrained: 'actions.untrainedNote',
  frames: 'actions.framesNote',
}

const KINDS: Record<NonNullable<ActionFeatures['kind']>, PlainKey> = {
  interpretive: 'actions.ofInterpretive',
  baseline: 'actions.ofBaseline',
  'random-topics': 'actions.ofRandomTopics',
  external: 'actions.ofExternal',
}

/** How a comparison divided its clips. */
export function divisionOf({ division, folds, repeats }: ActionsResult): string {
  switch (division) {
    case 'folds':
      return repeats > 1
        ? t('actions.foldsAgain', { n: folds, times: repeats })
        : t('actions.foldsOnce', { n: folds })
    case 'groups':
      return t('actions.oneGroupOut', { n: folds })
    case 'given':
      return folds === 1 ? t('actions.oneSplit') : t('actions.someSplits', { n: folds })
  }
}

/** The last part of a path. */
export const nameOf = (path: string): string => path.split(/[\\/]/).filter(Boolean).at(-1) ?? path
