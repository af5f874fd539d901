/**
 * What a version says otherwise than the model that it came from. Both have the same weights, so a clip can be captioned
 * otherwise only where the codebook takes it for something else, or where a gate is sure of it that only one of the two has.
 * All other clips need no captions, and learning takes no longer where there are more of them to compare.
 */
import { isDeepStrictEqual } from 'node:util'
import type {
  ClipFeatures,
  EngineContext,
  EngineParams,
  EngineResult,
} from '../../engine-host/contract/index.ts'
import { captionAsCorrected, clipsGatesKnow } from '../captioner/decoding/as-corrected.ts'
import { encodeInBatches } from '../captioner/decoding/decoder.ts'
import { knownAs, readGates } from '../captioner/gates.ts'
import type { Gate, Gates, KnownClip } from '../captioner/gates.ts'
import { optionsFor, withModel } from '../captioner/loaded-models.ts'
import type { LoadedModel } from '../captioner/loaded-models.ts'

const NOTHING: Gates = { gates: [], exempt: [] }

/** See the contract. */
export async function changed(
  { parentDir, modelDir, clips, decoding, device }: EngineParams<'corrections.changed'>,
  { signal, progress }: EngineContext,
): Promise<EngineResult<'corrections.changed'>> {
  const ofParent = (await readGates(parentDir)) ?? NOTHING
  return withModel(modelDir, await optionsFor(clips, { decoding, device }, signal), async (loaded) => {
    const ofVersion = loaded.model.gates ?? NOTHING
    const gates = [...gatesWithout(ofVersion, ofParent), ...gatesWithout(ofParent, ofVersion)]
    const concerned = new Set([
      ...(await clipsTakenOtherwise(loaded, { ofParent, ofVersion }, clips, signal)),
      ...(gates.length === 0 ? [] : await clipsGatesKnow(loaded, gates, clips, { signal })),
    ])
    const report = (done: number): void => {
      progress({ phase: 'captioning', done, total: concerned.size, unit: 'clips' })
    }
    return { captions: await captionAsCorrected(loaded, [...concerned], { signal, report }) }
  })
}

const gatesWithout = ({ gates }: Gates, others: Gates): Gate[] =>
  gates.filter((gate) => !others.gates.some((other) => isDeepStrictEqual(other, gate)))

/** The clips that the codebook of the one takes for another clip, or shifts otherwise, than that of the other. */
async function clipsTakenOtherwise(
  loaded: LoadedModel,
  { ofParent, ofVersion }: { ofParent: Gates; ofVersion: Gates },
  clips: readonly ClipFeatures[],
  signal: AbortSignal,
): Promise<ClipFeatures[]> {
  const otherwise: ClipFeatures[] = []
  for await (const { batch, encoded } of encodeInBatches(loaded, clips, { signal })) {
    const { means } = await loaded.decoder.topics(encoded)
    otherwise.push(
      ...batch.filter((_, b) => !isSame(knownAs(ofParent, means[b]!), knownAs(ofVersion, means[b]!))),
    )
  }
  return otherwise
}

/** Whether two clips of codebooks are the same one, shifted alike. */
const isSame = (a: KnownClip | undefined, b: KnownClip | undefined): boolean =>
  isDeepStrictEqual(a && [a.key, a.shift], b && [b.key, b.shift])
