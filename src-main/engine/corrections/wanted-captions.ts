/** What corrected clips are to be captioned as. */
import { quoted } from '../../common/text.ts'
import { tokenize } from '../../common/tokenize.ts'
import type { WantedCaption } from '../../engine-host/contract/index.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import { wordsOutside } from '../captioner/vocabulary.ts'
import { shiftKnown } from '../captioner/decoding/as-corrected.ts'
import { applyMoves } from '../captioner/decoding/moves.ts'
import { planMoves } from '../neurons/intervention.ts'
import { readNeuronMap } from '../neurons/neuron-map.ts'
import type { EncodedBatch } from '../captioner/decoding/decoder.ts'
import type { CorrectedClips } from './corrected-clips.ts'
import { failures } from './failures.ts'
import type { Wanted } from './lesson.ts'

/**
 * By correction: the caption that was typed, or what the network says with the topics' neurons moved, and how far. Throws
 * NOT_READY where it takes a neuron map and there is none, BAD_INPUT for a caption that it cannot say.
 */
export async function wantedCaptions(
  corrections: readonly WantedCaption[],
  clips: CorrectedClips,
  model: CaptionerModel,
  modelDir: string,
): Promise<Wanted[]> {
  const allTyped = corrections.every(({ typed }) => typed !== null)
  const map = allTyped ? null : await readNeuronMap(modelDir)
  const encoded = await clips.encode()
  const asEncoded = encoded.v.slice()
  await shiftKnown({ model, decoder: clips.decoder }, encoded)
  corrections.forEach((correction, b) => {
    if (map !== null && correction.typed === null) {
      applyMoves(encoded, { clip: b, frames: model.architecture.frames }, planMoves(map, correction))
    }
  })
  const captions = await clips.captions(encoded)
  return corrections.map(({ clip, typed }, b): Wanted =>
    typed === null
      ? { clip, caption: captions[b] ?? '', moved: meanMove(asEncoded, encoded, b, corrections.length) }
      : { clip, caption: asGenerated(typed, model) },
  )
}

/** How far the neurons of a clip of a batch of B were moved from where they were encoded, [D], mean over its frames. */
function meanMove(from: Float32Array, { v, mask }: EncodedBatch, clip: number, B: number): Float32Array {
  const [n, D] = [mask.length / B, v.length / mask.length]
  const frames = mask.filter((isFrame, i) => i % B === clip && isFrame === 1).length
  const moved = new Float32Array(D)
  // Rows that are padded were not moved.
  for (let i = clip * n * D; i < (clip + 1) * n * D; i++) {
    moved[i % D]! += (v[i]! - from[i]!) / frames
  }
  return moved
}

/** A typed caption as the network can say it. Throws BAD_INPUT, naming words that it does not know. */
function asGenerated(caption: string, { vocabulary, architecture }: CaptionerModel): string {
  const { maxWords } = architecture.settings
  const words = tokenize(caption)
  const unknown = wordsOutside(vocabulary, words)
  if (unknown.length > 0) {
    const failing = unknown.length === 1 ? failures.wordUnknown : failures.wordsUnknown
    throw failing({ words: quoted(unknown) })
  }
  if (words.length > maxWords) {
    throw failures.captionTooLong({ words: words.length, maxWords })
  }
  return words.join(' ')
}
