/**
 * Validation during a run: the objective without dropout over every caption, and greedy captions scored
 * against the human ones.
 */
import { CancelledError } from '#contract'
import type { CaptionerSettings, TrainingPoint } from '#contract'
import type { CaptionedClip, EngineContext } from '../../engine-host/contract/index.ts'
import type { DeviceName } from '../graph/runtime.ts'
import { meanAveragePrecision, scoreCaptions } from '../metrics/index.ts'
import { tokenize } from '../../common/tokenize.ts'
import { captionCount, chooseBuckets, encodeClips, layOut, planEpoch } from './batches.ts'
import { batchSizeFor, captionClips, createDecoder, GREEDY } from './decoder.ts'
import type { FeatureReader } from './features.ts'
import type { CaptionerModel } from './model-folder.ts'
import type { Parameters } from './parameters.ts'
import { batchFeeds, compileLosses, stepCost } from './step.ts'

export type Validation = NonNullable<TrainingPoint['validation']>

/** Validation looks at no more clips than this: the first ones. */
const MOST_CLIPS = 500

export interface Validator {
  /** Throws CancelledError when the signal aborts; held while it is paused. */
  check(parameters: Parameters, context: Pick<EngineContext, 'signal' | 'unpaused'>): Promise<Validation>
  release(): Promise<void>
}

/** Null when no clip has a caption. `lambda` 0: there are no topics to check. */
export async function createValidator(
  model: CaptionerModel,
  validation: readonly CaptionedClip[],
  lambda: number,
  reader: FeatureReader,
  device: DeviceName,
): Promise<Validator | null> {
  const { architecture, vocabulary } = model
  const { settings } = architecture
  const captioned = encodeClips(validation, vocabulary, settings.maxWords).slice(0, MOST_CLIPS)
  if (captioned.length === 0) {
    return null
  }
  const size = { clips: Math.min(settings.batchClips, captioned.length), captions: settings.captionsPerClip }
  const buckets = chooseBuckets(captioned, size, settings.lengthBuckets, (words) =>
    stepCost(architecture, { ...size, words }),
  )
  const plan = planEpoch(captioned, buckets, size, 1, 0, 0)
  const humanOf = new Map(validation.map(({ id, captions }) => [id, captions.map(tokenize)]))
  const references = captioned.map(({ id }) => humanOf.get(id) ?? [])
  const decoder = createDecoder(model, GREEDY, device, batchSizeFor(GREEDY, captioned.length))
  const objective = compileLosses(architecture, size, buckets, lambda, device)
  return {
    async check(parameters, { signal, unpaused }) {
      let nll = 0
      let topicLoss = 0
      let count = 0
      for (const { bucket, places } of plan) {
        await unpaused()
        if (signal.aborted) {
          throw new CancelledError()
        }
        const shape = objective.shapes[bucket]
        if (!shape) {
          throw new Error(`there is no bucket ${bucket}`)
        }
        const losses = await objective.run(
          bucket,
          parameters,
          await batchFeeds(shape.batch, layOut(places, shape, architecture.topics), reader),
        )
        const captions = captionCount(places)
        nll += captions * losses.nll
        topicLoss += captions * losses.topicLoss
        count += captions
      }
      await decoder.use(parameters)
      const generated = await captionClips(decoder, reader, captioned, { signal, unpaused })
      const { metrics } = scoreCaptions(
        generated.map(({ caption }) => tokenize(caption)),
        references,
      )
      const precision =
        lambda > 0
          ? meanAveragePrecision(
              generated.map(({ topics }) => topics),
              captioned.map(({ topics }) => [...topics]),
            )
          : null
      return {
        nll: nll / count,
        bleu4: metrics.BLEU_4,
        cider: metrics.CIDEr,
        topicMap: precision?.mAP ?? null,
        topicLoss: lambda > 0 ? topicLoss / count : null,
      }
    },
    async release() {
      await Promise.all([objective.release(), decoder.release()])
    },
  }
}

/**
 * Whether a check is better than the best so far by what the run selects by; of equals the one with the
 * smaller NLL.
 */
export function isBetter(
  check: Pick<Validation, 'nll' | 'bleu4' | 'cider'>,
  best: Pick<Validation, 'nll' | 'bleu4' | 'cider'>,
  selectBy: CaptionerSettings['selectBy'],
): boolean {
  if (selectBy === 'nll') {
    return check.nll < best.nll
  }
  return check[selectBy] > best[selectBy] || (check[selectBy] === best[selectBy] && check.nll < best.nll)
}
