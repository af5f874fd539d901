import type { Preset } from '#contract'

/** The contract's presets as a person chooses among them. */
export const PRESET_NAMES: readonly { value: Preset; label: string; note: string }[] = [
  {
    value: 'fast',
    label: 'Fast',
    note: 'a small captioner for a few hundred clips: trains in a minute or two',
  },
  { value: 'default', label: 'Default', note: 'sizes, epochs and vocabulary follow the corpus' },
  {
    value: 'paper',
    label: 'Paper',
    note: 'the paper’s form, as far as its authors’ code shows it; large, so slow without a GPU',
  },
]

/** Where a project starts: by the number of its clips. */
export const presetFor = (clips: number): Preset => (clips < 600 ? 'fast' : 'default')
