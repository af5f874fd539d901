/**
 * Learning corrections: the encoder is changed until the network itself, without an intervention, says of the
 * corrected clips what moving their neurons had it say (or what the reviewer typed), and its other captions
 * stay.
 *
 * The objective is the captions' negative log-likelihood, through the decoder as it is; the steps are natural
 * gradients: of all changes that bring the captions equally far, the one that moves the captions of replayed
 * training clips least (see curvature.ts). It takes the place of the penalties ||theta - theta_before||^2 and
 * gamma L_replay, whose weights would have to be guessed, and whose minibatches see a few replayed clips
 * where the curvature has seen all of them. Each step goes a share of Polyak's length ("Introduction to
 * optimization", 1987, 5.3): the fall of the objective that is left, over the slope. As soon as every
 * corrected clip is captioned as wanted the way there is halved from its end, so that no more is changed than
 * has to be.
 */
import { CancelledError, decoding, VitrineError } from '#contract'
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { encodeClips, layOut } from '../captioner/batches.ts'
import { createDecoder } from '../captioner/decoder.ts'
import type { EncodedBatch } from '../captioner/decoder.ts'
import { FeatureReader } from '../captioner/features.ts'
import { losses } from '../captioner/model.ts'
import { loadModel, saveModel } from '../captioner/model-folder.ts'
import { neuronCount, parameterLeaves } from '../captioner/parameters.ts'
import type { Parameters } from '../captioner/parameters.ts'
import { batchLeaves, parametersOf } from '../captioner/step.ts'
import { gradients } from '../graph/gradient.ts'
import * as ops from '../graph/ops.ts'
import { compileLoop } from '../graph/runtime.ts'
import { floats, resolveDevice, tensorFor } from '../graph/session.ts'
import type { Tensor } from '../graph/session.ts'
import { constant, input } from '../graph/value.ts'
import type { Value } from '../graph/value.ts'
import { applyMoves, planMoves } from '../neurons/intervention.ts'
import { readNeuronMap } from '../neurons/neuron-map.ts'
import { tokenize } from '../../common/tokenize.ts'
import { curvatureLeaves, measureCurvature, naturalGradient } from './curvature.ts'

/** Of Polyak's length, and steps between two looks at the captions. */
const STEP = 0.3
const STEPS_PER_LOOK = 2
const MOST_STEPS = 200
const LEAST_SLOPE = 1e-30
/** The way back is halved so often. */
const HALVINGS = 5
/** How corrected clips are captioned. */
const DECODING = decoding.parse({})

export async function learn(
  params: EngineParams<'corrections.learn'>,
  { signal, progress }: EngineContext,
): Promise<EngineResult<'corrections.learn'>> {
  const { parentDir, modelDir, wanted: corrections } = params
  const started = performance.now()
  const device = resolveDevice(params.device)
  const model = await loadModel(parentDir)
  const { architecture, vocabulary } = model
  const { frames: n, settings } = architecture
  const B = corrections.length
  if (B === 0) {
    throw new VitrineError(
      'BAD_INPUT',
      'There is no correction to learn.',
      'Choose a topic to add or to drop.',
    )
  }
  const ids = corrections.map(({ clip }) => clip.id)
  if (new Set(ids).size < B) {
    throw new VitrineError('BAD_INPUT', 'Two corrections are of the same clip.', 'Keep one of them.')
  }
  progress({ phase: 'measuring what other captions rest on', done: 0, total: MOST_STEPS, unit: 'steps' })

  const reader = new FeatureReader(n, model.transform)
  const decoder = createDecoder(model, DECODING, device, B)
  try {
    const corrected = await reader.batch(corrections.map(({ clip }) => clip))
    const captionsOf = async (encoded: EncodedBatch) =>
      (await decoder.decode([{ encoded, ids }], signal)).map(({ caption }) => caption)
    const wanted = await wantedCaptions()
    const isWanted = (captions: readonly string[]): boolean =>
      captions.every((caption, b) => caption === wanted[b])
    const captionsWith = async (parameters: Parameters): Promise<string[]> => {
      await decoder.use(parameters)
      return captionsOf(await decoder.encode(corrected))
    }
    const replay = params.replay.filter(({ id }) => !ids.includes(id))
    const curvature = await measureCurvature(model, replay, reader, device, signal)

    const places = encodeClips(
      corrections.map(({ clip }, b) => ({ ...clip, topics: [], captions: [wanted[b] ?? ''] })),
      vocabulary,
      settings.maxWords,
    ).map((clip) => ({ clip, captions: [0] }))
    if (places.length < B) {
      throw new VitrineError(
        'BAD_INPUT',
        'A corrected caption has no words.',
        'Choose another strength or other topics, or type the caption.',
      )
    }
    const shape = {
      clips: B,
      captions: 1,
      words: 1 + Math.max(...places.map(({ clip }) => clip.words.length)),
    }
    const leaves = parameterLeaves(architecture)
    const batch = batchLeaves(architecture, shape)
    const { nll } = losses(architecture, leaves, batch, {}, 0)
    const learnt = [...leaves].filter(([name]) => name.startsWith('encoder.'))
    const names = learnt.map(([name]) => name)
    const slopes = gradients(
      nll,
      learnt.map(([, leaf]) => leaf),
    )
    const given = curvatureLeaves(architecture)
    const { steps, slope } = naturalGradient(
      architecture,
      new Map(names.flatMap((name, i) => (slopes[i] ? [[name, slopes[i]]] : []))),
      given.leaves,
    )
    const share = input('share', [])
    // Where nothing is left to learn the slope is zero, and so is the step.
    const length = ops.divide(ops.multiply(nll, share), ops.maximum(slope, constant(LEAST_SLOPE)))
    const loop = await compileLoop(
      [
        {
          state: learnt.map(([name, leaf]) => ({
            current: leaf,
            next: ops.subtract(leaf, ops.multiply(steps.get(name) ?? leaf, length)),
          })),
          perStep: [share],
          collect: { nll },
        },
      ],
      device,
    )
    try {
      loop.load(
        new Map(
          names.flatMap((name) => (model.parameters.has(name) ? [[name, model.parameters.get(name)!]] : [])),
        ),
      )
      const feed = (leaf: Value, data: Tensor['data']) => [leaf.name ?? '', tensorFor(leaf, data)] as const
      const laidOut = layOut(places, shape, architecture.topics)
      const fixed: Record<string, Tensor> = {
        ...Object.fromEntries([...model.parameters].filter(([name]) => !names.includes(name))),
        ...given.feeds(curvature),
        ...Object.fromEntries([
          feed(batch.features, corrected.features),
          feed(batch.frameMask, corrected.mask),
          feed(batch.topics, laidOut.topics),
          feed(batch.words, laidOut.words),
          feed(batch.targets, laidOut.targets),
          feed(batch.wordMask, laidOut.wordMask),
        ]),
      }
      let parameters: Parameters = model.parameters
      let [before, after] = [NaN, NaN]
      let taken = 0
      let ofLength = STEP
      let captions = await captionsOf(await decoder.encode(corrected))
      while (taken < MOST_STEPS && !isWanted(captions)) {
        if (signal.aborted) {
          throw new CancelledError()
        }
        // A caption that is as wanted takes no part, until it is not.
        const left = captions.filter((caption, b) => caption !== wanted[b]).length
        const weights = Float32Array.from(captions, (caption, b) => (caption === wanted[b] ? 0 : 1 / left))
        // One step more, of no length, tells where the others have led.
        const out = await loop.run(STEPS_PER_LOOK + 1, {
          ...fixed,
          [batch.captionWeight.name ?? '']: tensorFor(batch.captionWeight, weights),
          share: {
            shape: [STEPS_PER_LOOK + 1],
            data: new Float32Array(STEPS_PER_LOOK + 1).fill(ofLength, 0, STEPS_PER_LOOK),
          },
        })
        const objective = floats(out, 'nll')
        const [first, last] = [objective[0] ?? NaN, objective.at(-1) ?? NaN]
        if (taken === 0) {
          before = -first
        }
        taken += STEPS_PER_LOOK
        // The slope says little of what lies far off: a step that makes things worse is taken back and
        // halved.
        if (!(last < first)) {
          loop.load(new Map([...parameters].filter(([name]) => names.includes(name))))
          ofLength /= 2
          continue
        }
        after = -last
        progress({ phase: 'learning', done: taken, total: MOST_STEPS, unit: 'steps' })
        parameters = new Map([...model.parameters, ...parametersOf(await loop.state(), names)])
        captions = await captionsWith(parameters)
      }
      const reached = isWanted(captions)
      if (reached && taken > 0) {
        parameters = await nearest(model.parameters, parameters, names, async (own) =>
          isWanted(await captionsWith(own)),
        )
      }
      await saveModel(modelDir, { ...model, parameters })
      return {
        steps: taken,
        seconds: (performance.now() - started) / 1000,
        before,
        after,
        captions: wanted.map((caption, b) => ({ wanted: caption, reached: captions[b] === caption })),
      }
    } finally {
      await loop.release()
    }

    /**
     * What each corrected clip is to be captioned as: as typed, or as it is with its topics' neurons moved.
     */
    async function wantedCaptions(): Promise<string[]> {
      const map = corrections.every(({ typed }) => typed !== null) ? null : await readNeuronMap(parentDir)
      const encoded = await decoder.encode(corrected)
      corrections.forEach((correction, b) => {
        if (map !== null && correction.typed === null) {
          applyMoves(
            encoded.v,
            corrected.mask,
            b,
            { B, n, D: neuronCount(architecture) },
            planMoves(map, correction),
          )
        }
      })
      const captions = await captionsOf(encoded)
      return corrections.map(({ typed }, b) => (typed === null ? (captions[b] ?? '') : sayable(typed)))
    }

    /** A typed caption as the network can say it. Throws BAD_INPUT, naming words that it does not know. */
    function sayable(caption: string): string {
      const words = tokenize(caption)
      const unknown = words.filter((word) => !vocabulary.idOf.has(word))
      if (unknown.length > 0) {
        throw new VitrineError(
          'BAD_INPUT',
          `The model does not know the ${unknown.length === 1 ? 'word' : 'words'} ${unknown.map((word) => `"${word}"`).join(', ')}.`,
          'Say it in words of the training captions.',
        )
      }
      if (words.length > settings.maxWords) {
        throw new VitrineError(
          'BAD_INPUT',
          `The caption has ${words.length} words; the model says at most ${settings.maxWords}.`,
          'Shorten it.',
        )
      }
      return words.join(' ')
    }
  } finally {
    await Promise.all([decoder.release(), reader.release()])
  }
}

/** Of the points between two sets of parameters, about the nearest to `from` that `holds`; `to` does. */
async function nearest(
  from: Parameters,
  to: Parameters,
  names: readonly string[],
  holds: (parameters: Parameters) => Promise<boolean>,
): Promise<Parameters> {
  const at = (share: number): Parameters =>
    new Map(
      [...to].map(([name, tensor]) => {
        const start = names.includes(name) ? from.get(name) : undefined
        return [
          name,
          start === undefined
            ? tensor
            : {
                shape: tensor.shape,
                data: tensor.data.map((x, i) => start.data[i]! + share * (x - start.data[i]!)),
              },
        ]
      }),
    )
  let [low, high, best] = [0, 1, to]
  for (let i = 0; i < HALVINGS; i++) {
    const middle = at((low + high) / 2)
    if (await holds(middle)) {
      ;[high, best] = [(low + high) / 2, middle]
    } else {
      low = (low + high) / 2
    }
  }
  return best
}
