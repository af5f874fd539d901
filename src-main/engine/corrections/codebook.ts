/**
 * The codebook of a version (captioner/gates.ts): by which v-bar clips are known that were corrected or left out, and
 * how far each key reaches: half the way to the nearest other clip.
 */
import type { ClipFeatures } from '../../engine-host/contract/index.ts'
import { encodeInBatches } from '../captioner/decoding/decoder.ts'
import { eachOnce } from '../captioner/feature-transform.ts'
import { distanceBetween } from '../captioner/gates.ts'
import type { KnownClip } from '../captioner/gates.ts'
import type { LoadedModel } from '../captioner/loaded-models.ts'

/** Of the way to the nearest clip that is not of the codebook. */
const REACH = 1 / 2
/** Keys that are nearer than this share of their length are of one clip, or of two that are the same. */
const SAME = 1e-4

/** A clip that is to be known, and what its neurons are shifted by; null: by what they are now, if by anything. */
export interface ToKnow {
  clip: ClipFeatures
  shift: Float32Array | null
}

/** The codebook of a model with more clips; `others`, clips beside them, say how far keys reach. */
export async function codebookWith(
  loaded: LoadedModel,
  clips: readonly ToKnow[],
  others: readonly ClipFeatures[],
  signal: AbortSignal,
): Promise<KnownClip[]> {
  const known = loaded.model.gates?.exempt ?? []
  if (clips.length === 0) {
    return known
  }
  const ids = new Set(clips.map(({ clip }) => clip.id))
  const beside = eachOnce(others).filter(({ id }) => !ids.has(id))
  const keys = await meansOf(
    loaded,
    clips.map(({ clip }) => clip),
    signal,
  )
  const staying = known.filter(({ key }) => keys.every((added) => !isSame(key, added)))
  const neighbours = await meansOf(loaded, beside, signal)
  return [
    ...staying,
    ...clips.map(({ shift }, i): KnownClip => {
      const key = keys[i]!
      const earlier = known.find((one) => isSame(one.key, key))
      return {
        key: [...key],
        radius: radiusOf(key, neighbours),
        shift: shift ?? earlier?.shift ?? null,
      }
    }),
  ]
}

/** How far a key reaches: also to clips that are the same, which say nothing of how far; all alone, half the way to nothing. */
function radiusOf(key: Float32Array, neighbours: readonly Float32Array[]): number {
  const distances = neighbours
    .filter((other) => !isSame(key, other))
    .map((other) => distanceBetween(key, other))
  return REACH * Math.min(Math.hypot(...key), ...distances)
}

/** Whether two keys are of the same clip. */
const isSame = (a: ArrayLike<number>, b: Float32Array): boolean =>
  distanceBetween(a, b) <= SAME * Math.hypot(...b)

/** v-bar of clips, in their order. */
async function meansOf(
  loaded: LoadedModel,
  clips: readonly ClipFeatures[],
  signal: AbortSignal,
): Promise<Float32Array[]> {
  const means: Float32Array[] = []
  for await (const { batch, encoded } of encodeInBatches(loaded, clips, { signal })) {
    const { means: ofBatch } = await loaded.decoder.topics(encoded)
    means.push(...batch.map((_, b) => ofBatch[b]!.slice()))
  }
  return means
}
