import type { FindingKind } from '#contract'

/** How the kinds of findings are called, and what each means. */
export const KINDS: Record<FindingKind, { name: string; note: string }> = {
  contradiction: {
    name: 'contradiction',
    note: 'Its topics are others than those of the clip’s other captions',
  },
  duplicate: { name: 'duplicate', note: 'It nearly repeats an earlier caption of the clip' },
  typo: { name: 'typo', note: 'A rare word that is one slip from a common one' },
  single: { name: 'single', note: 'The clip has one caption, others have more' },
  language: { name: 'language', note: 'Another script, or hardly a word that is known' },
}
