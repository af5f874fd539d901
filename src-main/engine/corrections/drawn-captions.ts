/**
 * Captions drawn from a model's own distribution: the expectation that makes the outer products of slopes
 * the Fisher information is over these, not over what people say.
 */
import { decoding } from '#contract'
import type { ClipFeatures, GeneratedCaption } from '../../engine-host/contract/index.ts'
import { captionClips, Decoder } from '../captioner/decoding/decoder.ts'
import { withCaptions } from '../captioner/encoded-clips.ts'
import type { EncodedClip } from '../captioner/encoded-clips.ts'
import type { FeatureReader } from '../captioner/features.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import { wordIds } from '../captioner/vocabulary.ts'
import type { DeviceName } from '../graph/runtime.ts'

/** The same draws every time. */
const SEED = 1

export interface DrawingSource {
  reader: FeatureReader
  device: DeviceName
  signal: AbortSignal
}

/**
 * `count` captions of each clip, drawn word by word at temperature 1, independently. Unknown words are not
 * drawn, and a caption that reaches the most words that the model says ends there.
 */
export async function drawCaptions(
  model: CaptionerModel,
  clips: readonly ClipFeatures[],
  count: number,
  { reader, device, signal }: DrawingSource,
): Promise<EncodedClip[]> {
  const sampling = decoding.parse({ method: 'sample', nBest: count, seed: SEED })
  const decoder = new Decoder(model, { decoding: sampling, device })
  try {
    const generated = await captionClips({ decoder, reader }, clips, { signal })
    return clips.map((clip, i) => withCaptions({ ...clip, topics: [] }, drawnOf(generated[i], model)))
  } finally {
    await decoder.release()
  }
}

/** The word ids of a clip's draws. */
function drawnOf(generated: GeneratedCaption | undefined, model: CaptionerModel): number[][] {
  if (!generated) {
    throw new Error('a clip was not captioned')
  }
  const { vocabulary, architecture } = model
  return [generated, ...generated.alternatives].map(({ caption }) =>
    wordIds(vocabulary, caption, architecture.settings.maxWords),
  )
}
