/**
 * Clips that a person was shown as touched before corrections were learnt. A person has ticked them, so they are
 * promises: after learning it is looked which of them say what was shown.
 */
import type { ClipFeatures, ShownClip } from '../../engine-host/contract/index.ts'
import { captionAsCorrected, wordsOf } from '../captioner/decoding/as-corrected.ts'
import { namesTopic } from '../captioner/gates.ts'
import type { Gate } from '../captioner/gates.ts'
import type { LoadedModel } from '../captioner/loaded-models.ts'
import { touchedClips } from './carrying.ts'
import type { TouchedClip } from './carrying.ts'
import { codebookWith } from './codebook.ts'

export interface Shown {
  clip: ClipFeatures
  touched: TouchedClip
}

interface ShownTo {
  clips: readonly ClipFeatures[]
  /** Clips that gates leave alone already. */
  exempt: readonly ClipFeatures[]
  /** Clips that a person left out when they were shown. */
  leftOut: readonly ClipFeatures[]
  signal: AbortSignal
}

/** What was shown of clips: what the parent says of them with its gates and those of the corrections. */
export async function shownClips(
  parent: LoadedModel,
  gates: Gate[],
  { clips, exempt, leftOut, signal }: ShownTo,
): Promise<Shown[]> {
  if (gates.length === 0 || clips.length === 0) {
    return []
  }
  const keys = await codebookWith(
    parent,
    exempt.map((clip) => ({ clip, shift: null })),
    clips,
    signal,
  )
  const touched = await touchedClips(parent, { gates, exempt: keys }, clips, signal)
  const isOut = new Set(leftOut.map(({ id }) => id))
  const clipOf = new Map(clips.map((clip) => [clip.id, clip]))
  return touched
    .filter(({ id }) => !isOut.has(id))
    .map((clip): Shown => ({ clip: clipOf.get(clip.id)!, touched: clip }))
}

/** What a version with its gates says of clips that were shown. */
export async function outcomesOf(
  version: LoadedModel,
  shown: readonly Shown[],
  signal: AbortSignal,
): Promise<ShownClip[]> {
  const clips = shown.map(({ clip }) => clip)
  const captions = await captionAsCorrected(version, clips, { signal })
  const gates = version.model.gates?.gates ?? []
  return shown.map(({ touched: { id, topics, before, after } }, i) => {
    const spoken = captions[i]!
    const namesAll = topics.every((topic) =>
      gates.some((gate) => gate.topic === topic && namesTopic(gate, wordsOf(spoken))),
    )
    return {
      id,
      before,
      shown: after,
      after: spoken.caption,
      isMended: spoken.caption === after || (topics.length > 0 && namesAll),
    }
  })
}
