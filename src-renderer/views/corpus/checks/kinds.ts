import type { Finding, FindingKind } from '#contract'
import type { PlainKey } from '../../../language/index.ts'

/** How the kinds of findings are called, and what each means. */
export const KINDS: Record<FindingKind, { name: PlainKey; note: PlainKey }> = {
  contradiction: {
    name: 'checks.contradiction',
    note: 'checks.itsTopicsAreOthersThan',
  },
  duplicate: {
    name: 'checks.duplicate',
    note: 'checks.itNearlyRepeatsAnEarlier',
  },
  typo: {
    name: 'checks.typo',
    note: 'checks.aRareWordThatIs',
  },
  single: {
    name: 'checks.single',
    note: 'checks.theClipHasOneCaption',
  },
  language: {
    name: 'checks.language',
    note: 'checks.anotherScriptOrHardlyA',
  },
}

/** What became of a finding. */
export const STATES: Record<Exclude<Finding['state'], 'open'>, PlainKey> = {
  accepted: 'checks.accepted',
  fixed: 'checks.fixed',
  dropped: 'checks.dropped',
}
