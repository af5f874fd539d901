import type { ActionFeatures, ActionsResult } from '#contract'

/** What a kind of features is called: `Interpretive v3`, `Topic scores v3`, `Frame features`. */
export function sourceTitle({ of, modelId, kind }: ActionFeatures): string {
  const version = modelId === null ? '' : ` v${modelId}`
  switch (of) {
    case 'neurons':
      return `${KINDS[kind ?? 'interpretive']}${version}`
    case 'topics':
      return `Topic scores${version}`
    case 'untrained':
      return `Untrained${version}`
    case 'frames':
      return 'Frame features'
  }
}

/** What is read of a clip, in a sentence. */
export function sourceNote({ of, size }: ActionFeatures & { size: number }): string {
  const sizes = size === 0 ? '' : `: ${size} of them`
  switch (of) {
    case 'neurons':
      return `The mean activation of each neuron over the clip’s frames${sizes}`
    case 'topics':
      return `The topic head’s scores alone${sizes}`
    case 'untrained':
      return `The neurons of the same encoder with weights drawn by chance${sizes}`
    case 'frames':
      return `The mean of the frame encoder’s features, without any captioner${sizes}`
  }
}

const KINDS = {
  interpretive: 'Interpretive',
  baseline: 'Baseline',
  'random-topics': 'Random topics',
  external: 'Other system',
} as const

/** How a comparison divided its clips. */
export function divisionOf({ division, folds, repeats }: ActionsResult): string {
  switch (division) {
    case 'folds':
      return `${folds} folds${repeats > 1 ? `, dealt ${repeats} times` : ''}`
    case 'groups':
      return `one of ${folds} groups left out at a time`
    case 'given':
      return folds === 1 ? 'a given split' : `${folds} given splits`
  }
}

/** The last part of a path. */
export const nameOf = (path: string): string => path.split(/[\\/]/).filter(Boolean).at(-1) ?? path
