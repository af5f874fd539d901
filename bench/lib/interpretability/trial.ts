/**
 * One captioner of one kind and seed on a corpus: trained, scored, and all that is measured of it. Every piece is kept in
 * a file of its own, so that a run that was broken off goes on with the next one.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeWith, readAlignment, rotated, saveUntrained } from './alignment.ts'
import type { Reading } from './alignment.ts'
import { cached } from './corpora/corpus.ts'
import type { Corpus } from './corpora/corpus.ts'
import { folderOf, hasHead, TRAINED_AS } from './kinds.ts'
import type { Kind } from './kinds.ts'
import { selectivity, writeMap } from './measures.ts'
import type { Selectivity } from './measures.ts'
import { saveProbed } from './probe.ts'
import type { Means } from './probe.ts'
import { Repairer } from './repairs.ts'
import type { Repairs } from './repairs.ts'
import { silencing } from './silencing.ts'
import type { Silenced } from './silencing.ts'
import { decoding } from '#contract'
import type { CaptionerSettings, CaptionMetrics } from '#contract'
import { createRandom } from '../../../src-main/common/random.ts'
import { settingsOfKind } from '../../../src-main/common/presets.ts'
import { encodeInBatches, GREEDY } from '../../../src-main/engine/captioner/decoding/decoder.ts'
import { captionerHandlers } from '../../../src-main/engine/captioner/index.ts'
import { withModel } from '../../../src-main/engine/captioner/loaded-models.ts'
import type { EngineContext, EngineParams } from '../../../src-main/engine-host/contract/index.ts'
import { meanAveragePrecision, metricHandlers } from '../../../src-main/engine/metrics/index.ts'
import { readNeuronMap } from '../../../src-main/engine/neurons/neuron-map.ts'

/** The neurons as one topic head reads them. */
export interface HeadReading {
  /** Mean average precision of the head on the test clips, and of a random ranking. */
  mAP: number
  chance: number
  selectivity: Selectivity
  silencing: Silenced
}

export interface Trial {
  captions: { metrics: CaptionMetrics; fixedCider: number }
  alignment: Reading
  /** By the head that it was trained with; null for a baseline, whose head was never trained. */
  ownHead: HeadReading | null
  /** By a head that was trained anew on the frozen encoder. */
  newHead: HeadReading
}

/** What all trials of a corpus and preset are made on. */
export interface TrialSetup {
  corpus: Corpus
  settings: CaptionerSettings
  /** For what is made and kept. */
  folder: string
  context: EngineContext
  log: (line: string) => void
}

/** Trains and measures, below the folder; what is there already is read. */
export async function runTrial(setup: TrialSetup, kind: Kind, seed: number): Promise<Trial> {
  const { corpus, context } = setup
  const folder = join(setup.folder, folderOf(kind, seed))
  await mkdir(folder, { recursive: true })
  const piece = <Made>(name: string, make: () => Promise<Made>): Promise<Made> =>
    cached(join(folder, `${name}.json`), () => {
      setup.log(`${corpus.name}, ${kind}, seed ${seed}: ${name}`)
      return make()
    })
  const trained = join(folder, 'trained')
  await piece('training', () =>
    captionerHandlers['captioner.train'](trainingParams(setup, kind, seed), context),
  )
  const captions = await piece('captions', () => scoreCaptions(corpus, trained, context))
  const alignment = await piece('alignment', async () =>
    readAlignment(await encodeWith(trained, corpus, context), corpus, context),
  )
  const ownHead = hasHead(kind) ? await piece('own-head', () => readHead(corpus, trained, context)) : null
  const newHead = await piece('new-head', async () => {
    await writeMap(trained, corpus, context)
    const probed = join(folder, 'probed')
    await saveProbed({ from: trained, to: probed, seed, context }, await meansOf(trained), corpus.clips)
    return readHead(corpus, probed, context)
  })
  return { captions, alignment, ownHead, newHead }
}

/** How a captioner is trained. */
export function trainingParams(
  { corpus: { clips, frames, topics }, settings, folder }: TrialSetup,
  kind: Kind,
  seed: number,
): EngineParams<'captioner.train'> {
  const { kind: modelKind, chosen } = TRAINED_AS[kind]
  const ofTrial = join(folder, folderOf(kind, seed))
  return {
    kind: modelKind,
    settings: settingsOfKind(modelKind, settings, chosen),
    frames,
    topicCount: topics.length,
    train: clips.train,
    validation: clips.val,
    modelDir: join(ofTrial, 'trained'),
    runDir: join(ofTrial, 'run'),
    resume: false,
    device: 'cpu',
    seed,
  }
}

/** Alignment of the two controls that are made of a seed's interpretive captioner. */
export function readControls(
  { corpus, folder, context, log }: TrialSetup,
  seed: number,
): Promise<Record<'untrained' | 'rotated', Reading>> {
  return cached(join(folder, `controls-${seed}.json`), async () => {
    log(`${corpus.name}, seed ${seed}: alignment of the untrained and the rotated encoder`)
    const trained = join(folder, folderOf('interpretive', seed), 'trained')
    const untrained = join(folder, `untrained-${seed}`)
    await saveUntrained({ from: trained, to: untrained }, seed)
    const interpretive = await encodeWith(trained, corpus, context)
    return {
      untrained: await readAlignment(await encodeWith(untrained, corpus, context), corpus, context),
      rotated: await readAlignment(rotated(interpretive, createRandom(seed)), corpus, context),
    }
  })
}

/** v-bar of the clips of a model's neuron map. */
async function meansOf(modelDir: string): Promise<Means> {
  const { clipIds, clipMeans, shuffled } = await readNeuronMap(modelDir)
  const D = shuffled.length
  return new Map(Array.from(clipIds, (id, i) => [id, clipMeans.subarray(i * D, (i + 1) * D)]))
}

/** Corrections learnt from the interpretive captioner of a seed, of either sort of errors. */
export function makeRepairs(
  { corpus, folder, context, log }: TrialSetup,
  seed: number,
  corrections: number,
): Promise<Record<'natural' | 'induced', Repairs>> {
  const ofTrial = join(folder, folderOf('interpretive', seed))
  return cached(join(ofTrial, `repairs-${corrections}.json`), async () => {
    log(`${corpus.name}, seed ${seed}: learning corrections`)
    const trained = join(ofTrial, 'trained')
    await writeMap(trained, corpus, context)
    const repairer = new Repairer(corpus, context)
    const choice = { limit: corrections, seed }
    return {
      natural: await repairer.natural(trained, ofTrial, choice),
      induced: await repairer.induced(trained, ofTrial, choice),
    }
  })
}

/** The neurons as the head of a model reads them. */
async function readHead(corpus: Corpus, modelDir: string, context: EngineContext): Promise<HeadReading> {
  const precision = await scoreTopics(corpus, modelDir, context)
  const selective = await selectivity(modelDir, corpus, context)
  // In place of the map of the test clips.
  await writeMap(modelDir, corpus, context)
  return {
    ...precision,
    selectivity: selective,
    silencing: await silencing(modelDir, corpus, context),
  }
}

/** How well the head of a model tells the topics of the test clips. */
async function scoreTopics(
  { clips: { test } }: Corpus,
  modelDir: string,
  { signal }: EngineContext,
): Promise<{ mAP: number; chance: number }> {
  const scores = await withModel(modelDir, { decoding: GREEDY, device: 'cpu' }, async (loaded) => {
    const ofClips: number[][] = []
    for await (const { batch, encoded } of encodeInBatches(loaded, test, { signal })) {
      ofClips.push(...(await loaded.decoder.topics(encoded)).scores.slice(0, batch.length))
    }
    return ofClips
  })
  const precision = meanAveragePrecision(
    scores,
    test.map(({ topics }) => topics),
  )
  if (precision === null) {
    throw new Error('no test clip bears a topic')
  }
  const { mAP, chance } = precision
  return { mAP, chance }
}

/** Captions of the test clips, beam 5, against what people say. */
async function scoreCaptions(
  { clips: { train, test } }: Corpus,
  modelDir: string,
  context: EngineContext,
): Promise<Trial['captions']> {
  const { captions } = await captionerHandlers['captioner.caption'](
    { modelDir, clips: test, decoding: decoding.parse({}), device: 'cpu' },
    context,
  )
  const { metrics, fixedCaption } = await metricHandlers['metrics.evaluate'](
    {
      captions,
      references: test.map((clip) => ({ id: clip.id, captions: clip.captions })),
      candidates: train.flatMap((clip) => clip.captions),
      topicTruth: null,
    },
    context,
  )
  return { metrics, fixedCider: fixedCaption.metrics.CIDEr }
}
