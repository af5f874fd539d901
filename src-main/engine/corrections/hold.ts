/**
 * Holding corrections where a model's weights have changed: keys, shifts and targets of neurons are those of the network
 * before. Gates get the neurons' targets as they are now, and what was corrected is taught again where it is not said.
 */
import type { EngineContext, EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import { Decoder } from '../captioner/decoding/decoder.ts'
import { checkShapes } from '../captioner/feature-transform.ts'
import { FeatureReader } from '../captioner/features.ts'
import { forFrames } from '../captioner/loaded-models.ts'
import { loadModel, writeModelFiles } from '../captioner/model-folder.ts'
import { resolveDevice } from '../graph/session.ts'
import { readNeuronMap } from '../neurons/neuron-map.ts'
import { releasing } from '../releasing.ts'
import { gateMoves } from './carrying.ts'
import { withoutMap } from './failures.ts'
import { DECODING } from './lesson.ts'
import { countHeld, heldLessons, makeHoldingVersion } from './version.ts'

export async function hold(
  { modelDir, cells, kept, leftOut, others, device: setting }: EngineParams<'corrections.hold'>,
  context: EngineContext,
): Promise<EngineResult<'corrections.hold'>> {
  const { signal } = context
  const device = resolveDevice(setting)
  const learnt = await loadModel(modelDir)
  const map = await readNeuronMap(modelDir).catch(withoutMap)
  // Without a map nobody knows which neurons to move.
  const gates =
    map === null
      ? []
      : (learnt.gates?.gates ?? [])
          .map((gate) => ({ ...gate, moves: gateMoves(map, gate.topic) }))
          .filter(({ moves }) => moves.length > 0)
  const clips = [...kept.map(({ clip }) => clip), ...leftOut, ...others]
  const { longest } = await checkShapes(clips, Infinity, signal)
  const model = {
    ...forFrames(learnt, longest),
    gates: gates.length === 0 ? null : { gates, exempt: [] },
  }
  return releasing(async (use) => {
    const reader = use(new FeatureReader(model.architecture.frames, model.transform))
    const source = { model, reader, cells, device, signal }
    const parent = { model, reader, decoder: use(new Decoder(model, { decoding: DECODING, device })) }
    const held = await heldLessons({ kept, leftOut }, parent, [], signal)
    const making = { base: parent, gates, held, others, signal }
    const version = await makeHoldingVersion(making, [], source, context)
    // Into the folder as it is: the neuron map in it stays.
    await writeModelFiles(modelDir, { ...version.model, architecture: learnt.architecture })
    return { kept: await countHeld(version, held.kept, signal) }
  })
}
