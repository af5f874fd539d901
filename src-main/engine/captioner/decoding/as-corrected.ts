/**
 * Captioning with what corrections taught (gates.ts). Clips of the codebook are captioned with their neurons
 * shifted. Then gates take a second look: clips whose caption misses a topic that a gate is sure of are captioned
 * again with the topic's neurons moved, and the new caption stands where it names such a topic.
 */
import type { ClipFeatures, GeneratedCaption } from '../../../engine-host/contract/index.ts'
import { applyMoves, applyShift } from './moves.ts'
import { throwIfCancelled } from '../../cancellation.ts'
import { readFeatures } from '../feature-files.ts'
import { clipSummary, hasShifts, isExempt, isSure, knownAs, namesTopic, openGates } from '../gates.ts'
import type { Gate, Gates } from '../gates.ts'
import type { LoadedModel } from '../loaded-models.ts'
import { captionClips, encodeInBatches, padded } from './decoder.ts'
import type { BatchControl, EncodedBatch, EncodedClips } from './decoder.ts'

/** A clip that a gate asks a second look at. */
interface Doubted {
  clip: ClipFeatures
  /** Its place among all clips. */
  place: number
  gates: Gate[]
}

type Control = BatchControl & { report?: (done: number) => void }

/** As `captionClips`, with what corrections taught the model. */
export async function captionAsCorrected(
  loaded: LoadedModel,
  clips: readonly ClipFeatures[],
  control: Control,
): Promise<GeneratedCaption[]> {
  const first = await firstLook(loaded, clips, control)
  return lookAgain(loaded, loaded.model.gates, { clips, first }, control)
}

/** The captions of clips before gates look at them. */
export function firstLook(
  loaded: LoadedModel,
  clips: readonly ClipFeatures[],
  control: Control,
): Promise<GeneratedCaption[]> {
  if (!hasShifts(loaded.model.gates)) {
    return captionClips(loaded, clips, control)
  }
  async function* batches(): AsyncGenerator<EncodedClips> {
    for await (const { batch, encoded } of encodeInBatches(loaded, clips, control)) {
      await shiftKnown(loaded, encoded)
      yield { encoded, ids: batch.map(({ id }) => id) }
    }
  }
  return loaded.decoder.decode(batches(), control.signal, control.report)
}

/** Shifts the neurons of those clips of a batch that the codebook knows; changes `v`. */
export async function shiftKnown(
  { model: { gates, architecture }, decoder }: Pick<LoadedModel, 'model' | 'decoder'>,
  encoded: EncodedBatch,
): Promise<void> {
  if (!hasShifts(gates)) {
    return
  }
  const { means } = await decoder.topics(encoded)
  means.forEach((mean, clip) => {
    const shift = knownAs(gates, mean)?.shift
    if (shift) {
      applyShift(encoded, { clip, frames: architecture.frames }, shift)
    }
  })
}

/** Clips as they were captioned at first, with a second look at those that gates are open for. */
export async function lookAgain(
  loaded: LoadedModel,
  gates: Gates | null,
  { clips, first }: { clips: readonly ClipFeatures[]; first: readonly GeneratedCaption[] },
  { signal }: BatchControl,
): Promise<GeneratedCaption[]> {
  // Drawn captions are the network's own.
  if (gates === null || loaded.decoder.draws) {
    return [...first]
  }
  const generated = [...first]
  const doubted = await doubtedClips(loaded, gates, { clips, first }, signal)
  const { batchSize } = loaded.decoder
  for (let start = 0; start < doubted.length; start += batchSize) {
    throwIfCancelled(signal)
    const batch = doubted.slice(start, start + batchSize)
    const second = await captionMoved(loaded, gates, batch, signal)
    batch.forEach(({ place, gates: open }, b) => {
      const caption = second[b]
      if (caption && open.some((gate) => namesTopic(gate, wordsOf(caption)))) {
        generated[place] = caption
      }
    })
  }
  return generated
}

/** The clips that some gate is sure of. Gates leave what is said of all others as it is, so these need no captions to tell. */
export async function clipsGatesKnow<Clip extends ClipFeatures>(
  loaded: LoadedModel,
  gates: readonly Gate[],
  clips: readonly Clip[],
  { signal }: BatchControl,
): Promise<Clip[]> {
  const sure: Clip[] = []
  for await (const { batch, encoded } of encodeInBatches(loaded, clips, { signal })) {
    await shiftKnown(loaded, encoded)
    const { scores } = await loaded.decoder.topics(encoded)
    for (const [b, clip] of batch.entries()) {
      const summary = clipSummary(await readFeatures(clip, loaded.model.architecture.frames))
      if (gates.some((gate) => isSure(gate, { summary, topics: scores[b]! }))) {
        sure.push(clip)
      }
    }
  }
  return sure
}

async function doubtedClips(
  { model }: LoadedModel,
  { gates }: Gates,
  { clips, first }: { clips: readonly ClipFeatures[]; first: readonly GeneratedCaption[] },
  signal: AbortSignal,
): Promise<Doubted[]> {
  const doubted: Doubted[] = []
  for (const [place, clip] of clips.entries()) {
    throwIfCancelled(signal)
    const { topics } = first[place]!
    const words = wordsOf(first[place]!)
    const missed = gates.filter((gate) => !namesTopic(gate, words))
    if (missed.length > 0) {
      const summary = clipSummary(await readFeatures(clip, model.architecture.frames))
      const open = openGates(missed, words, { summary, topics })
      if (open.length > 0) {
        doubted.push({ clip, place, gates: open })
      }
    }
  }
  return doubted
}

/** The captions of a batch with the neurons of its open gates moved; null for clips that are exempt. */
async function captionMoved(
  { model, decoder, reader }: LoadedModel,
  gates: Gates,
  doubted: readonly Doubted[],
  signal: AbortSignal,
): Promise<(GeneratedCaption | null)[]> {
  const clips = doubted.map(({ clip }) => clip)
  const encoded = await decoder.encode(await reader.batch(padded(clips, decoder.batchSize)))
  const { means } = await decoder.topics(encoded)
  doubted.forEach(({ gates: open }, b) => {
    moveNeurons(encoded, { clip: b, frames: model.architecture.frames }, open)
  })
  const areExempt = means.map((mean) => isExempt(gates, mean))
  const generated = await decoder.decode([{ encoded, ids: clips.map(({ id }) => id) }], signal)
  return generated.map((caption, b) => (areExempt[b] ? null : caption))
}

/** Of several gates that move a neuron the last one has its way. */
function moveNeurons(
  encoded: EncodedBatch,
  place: { clip: number; frames: number },
  open: readonly Gate[],
): void {
  const moves = new Map(open.flatMap((gate) => gate.moves.map((move) => [move.neuron, move])))
  applyMoves(encoded, place, [...moves.values()])
}

/** The words of a caption. */
export const wordsOf = ({ words }: GeneratedCaption): Set<string> => new Set(words.map(({ word }) => word))
