import type { ActionFeatures } from '#contract'

/** What a kind of features is called in tables and sentences: `interpretive v3`, `topic scores v3`, `frame features`. */
export function actionTitle({ of, modelId, kind }: ActionFeatures): string {
  const version = modelId === null ? '' : ` v${modelId}`
  switch (of) {
    case 'neurons':
      return `${kind ?? 'neurons'}${version}`
    case 'topics':
      return `topic scores${version}`
    case 'untrained':
      return `untrained${version}`
    case 'frames':
      return 'frame features'
  }
}

/** In a folder of classes: lines of two classes that differ in one thing alone and are told apart by themselves as well. */
export const PAIRS_FILE = 'pairs.tsv'
