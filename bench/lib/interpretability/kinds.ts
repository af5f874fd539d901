/**
 * The captioners that are compared. The two baselines learn captions alone, with signed neurons and with neurons that
 * are not negative, as the interpretive captioner's are; `random-topics` learns topics that were dealt to other clips.
 */
import type { CaptionerSettings, CaptionerKind } from '#contract'

export const KINDS = ['baseline', 'baseline, non-negative', 'random-topics', 'interpretive'] as const
export type Kind = (typeof KINDS)[number]

/** How a kind is trained: the model's kind, and what of the settings is its own. */
export const TRAINED_AS: Record<Kind, { kind: CaptionerKind; chosen: Partial<CaptionerSettings> }> = {
  baseline: { kind: 'baseline', chosen: { neurons: 'signed' } },
  'baseline, non-negative': { kind: 'baseline', chosen: { neurons: 'non-negative' } },
  'random-topics': { kind: 'random-topics', chosen: {} },
  interpretive: { kind: 'interpretive', chosen: {} },
}

/** Whether a kind has learnt a topic head of its own. */
export const hasHead = (kind: Kind): boolean => TRAINED_AS[kind].kind !== 'baseline'

/** The folder of a kind and seed. */
export const folderOf = (kind: Kind, seed: number): string => `${kind.replace(', ', '-')}-${seed}`
