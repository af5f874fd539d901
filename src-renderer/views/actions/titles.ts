import type { ActionFeatures, ActionsResult } from '#contract'
import { t } from '../../language/index.ts'

/** What a kind of features is called: `Interpretive v3`, `Topic scores v3`, `Frame features`. */
export function sourceTitle({ of, modelId, kind }: ActionFeatures): string {
  const version = modelId === null ? '' : ` v${modelId}`
  switch (of) {
    case 'neurons':
      return `${KINDS[kind ?? 'interpretive']}${version}`
    case 'topics':
      return t('actions.topicScores', { version })
    case 'untrained':
      return `Untrained${version}`
    case 'frames':
      return t('actions.frameFeatures')
  }
}

/** What is read of a clip, in a sentence. */
export function sourceNote({ of, size }: ActionFeatures & { size: number }): string {
  const sizes = size === 0 ? '' : t('actions.ofThem', { size })
  switch (of) {
    case 'neurons':
      return t('actions.theMeanActivationOfEach', { sizes })
    case 'topics':
      return t('actions.theTopicHeadsScoresAlone', { sizes })
    case 'untrained':
      return t('actions.theNeuronsOfTheSame', { sizes })
    case 'frames':
      return t('actions.theMeanOfTheFrame', { sizes })
  }
}

const KINDS = {
  get interpretive() {
    return t('actions.interpretive')
  },
  get baseline() {
    return t('actions.baseline')
  },
  get 'random-topics'() {
    return t('actions.randomTopics')
  },
  get external() {
    return t('actions.otherSystem')
  },
} as const

/** How a comparison divided its clips. */
export function divisionOf({ division, folds, repeats }: ActionsResult): string {
  switch (division) {
    case 'folds':
      return t('actions.foldsFolds', {
        folds,
        repeats: repeats > 1 ? t('actions.dealtTimes', { repeats }) : '',
      })
    case 'groups':
      return t('actions.oneOfGroupsLeftOut', { folds })
    case 'given':
      return folds === 1 ? t('actions.aGivenSplit') : t('actions.givenSplits', { folds })
  }
}

/** The last part of a path. */
export const nameOf = (path: string): string => path.split(/[\\/]/).filter(Boolean).at(-1) ?? path
