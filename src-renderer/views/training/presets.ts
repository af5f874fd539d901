import type { Preset } from '#contract'
import { t } from '../../language/index.ts'

/** The contract's presets as a person chooses among them. */
export const PRESET_NAMES: readonly { value: Preset; label: string; note: string }[] = [
  {
    value: 'fast',
    get label() {
      return t('training.fast')
    },
    get note() {
      return t('training.aSmallCaptionerForA')
    },
  },
  {
    value: 'default',
    get label() {
      return t('training.default')
    },
    get note() {
      return t('training.sizesEpochsAndVocabularyFollow')
    },
  },
  {
    value: 'paper',
    get label() {
      return t('training.paper')
    },
    get note() {
      return t('training.thePapersFormAsFar')
    },
  },
]

/** Where a project starts: by the number of its clips. */
export const presetFor = (clips: number): Preset => (clips < 600 ? 'fast' : 'default')
