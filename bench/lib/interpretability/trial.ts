/**
 * One captioner of one kind and seed on a corpus: trained, scored, and all that is measured of it, kept in a
 * file each.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from './corpora/corpus.ts'
import type { Corpus } from './corpora/corpus.ts'
import { selectivity, writeMap } from './measures.ts'
import type { Selectivity } from './measures.ts'
import { saveProbed } from './probe.ts'
import type { Means } from './probe.ts'
import { Repairer } from './repairs.ts'
import type { Repairs } from './repairs.ts'
import { silencing } from './silencing.ts'
import type { Silenced } from './silencing.ts'
import { decoding } from '#contract'
import type { CaptionMetrics, ModelKind } from '#contract'
import { settingsOfKind } from '../../../src-main/common/presets.ts'
import { captionerHandlers } from '../../../src-main/engine/captioner/index.ts'
import type { EngineContext } from '../../../src-main/engine-host/contract/index.ts'
import { metricHandlers } from '../../../src-main/engine/metrics/index.ts'
import { readNeuronMap } from '../../../src-main/engine/neurons/neuron-map.ts'

/** The neurons as one topic head reads them. */
export interface HeadReading {
  /** Mean average precision of the head on the test clips, and of a random ranking. */
  mAP: number
  chance: number
  selectivity: Selectivity
  /** Null where it would say nothing: of a head that is not the one to go by. */
  silencing: Silenced | null
}

export interface Trial {
  metrics: CaptionMetrics
  fixedCider: number
  /** By the head that it was trained with; null for a baseline, whose head was never trained. */
  trainedHead: HeadReading | null
  /** By a head that was trained anew on the frozen encoder. */
  probe: HeadReading
  /** Of an interpretive captioner. */
  repairs: { natural: Repairs; induced: Repairs } | null
}

/** What a trial is made on. */
export interface TrialSetup {
  corpus: Corpus
  /** For what is made and kept. */
  folder: string
  context: EngineContext
  log: (line: string) => void
}

interface TrialOptions {
  kind: ModelKind
  seed: number
  /** Corrections of either sort of errors. */
  corrections: number
}

/** Trains and measures, below the folder; what is there already is read. */
export async function runTrial(setup: TrialSetup, options: TrialOptions): Promise<Trial> {
  const { kind, seed, corrections } = options
  const folder = join(setup.folder, `${kind}-${seed}`)
  await mkdir(folder, { recursive: true })
  const log = (line: string): void => {
    setup.log(`${setup.corpus.name}, ${kind}, seed ${seed}: ${line}`)
  }
  const trialSetup = { ...setup, folder, log }
  const measured = await cached(join(folder, 'figures.json'), () => measure(trialSetup, options))
  const repairs =
    kind === 'interpretive'
      ? await cached(join(folder, `repairs-${corrections}.json`), () => makeRepairs(trialSetup, options))
      : null
  return { ...measured, repairs }
}

async function measure(
  { corpus, folder, context, log }: TrialSetup,
  { kind, seed }: TrialOptions,
): Promise<Omit<Trial, 'repairs'>> {
  const { clips, settings, frames, topics } = corpus
  const trained = join(folder, 'trained')
  await cached(join(folder, 'training.json'), () => {
    log('training')
    return captionerHandlers['captioner.train'](
      {
        kind,
        settings: settingsOfKind(kind, settings, {}),
        frames,
        topicCount: topics.length,
        train: clips.train,
        validation: clips.val,
        modelDir: trained,
        runDir: join(folder, 'run'),
        resume: false,
        device: 'cpu',
        seed,
      },
      context,
    )
  })

  log('scoring, interpreting, silencing')
  const { metrics, fixedCaption, topics: precision } = await score(corpus, trained, context)
  const trainedHead =
    kind === 'baseline'
      ? null
      : {
          ...(await readHead(corpus, trained, precision, context)),
          silencing: kind === 'interpretive' ? await silencing(trained, corpus, context) : null,
        }
  await writeMap(trained, corpus, context)
  const probed = join(folder, 'probed')
  await saveProbed({ from: trained, to: probed }, await meansOf(trained), clips, seed)
  const { topics: probePrecision } = await score(corpus, probed, context)
  const probe = {
    ...(await readHead(corpus, probed, probePrecision, context)),
    silencing: await silencing(probed, corpus, context),
  }
  return { metrics, fixedCider: fixedCaption.metrics.CIDEr, trainedHead, probe }
}

/** v-bar of the clips of a model's neuron map. */
async function meansOf(modelDir: string): Promise<Means> {
  const { clipIds, clipMeans, shuffled } = await readNeuronMap(modelDir)
  const D = shuffled.length
  return new Map(Array.from(clipIds, (id, i) => [id, clipMeans.subarray(i * D, (i + 1) * D)]))
}

/** Corrections learnt from a trained captioner, of either sort of errors; the captioner has a neuron map. */
async function makeRepairs(
  { corpus, folder, context, log }: TrialSetup,
  { seed, corrections }: TrialOptions,
): Promise<NonNullable<Trial['repairs']>> {
  log('learning corrections')
  const trained = join(folder, 'trained')
  await writeMap(trained, corpus, context)
  const repairer = new Repairer(corpus, context)
  const choice = { limit: corrections, seed }
  return {
    natural: await repairer.natural(trained, folder, choice),
    induced: await repairer.induced(trained, folder, choice),
  }
}

/**
 * The neurons as the head of a model reads them; `precision` is how well it predicts. The map that
 * interventions read is there after that.
 */
async function readHead(
  corpus: Corpus,
  modelDir: string,
  precision: { mAP: number; chance: number } | null,
  context: EngineContext,
): Promise<Omit<HeadReading, 'silencing'>> {
  if (precision === null) {
    throw new Error('no test clip bears a topic')
  }
  const { mAP, chance } = precision
  const selective = await selectivity(modelDir, corpus, context)
  await writeMap(modelDir, corpus, context)
  return { mAP, chance, selectivity: selective }
}

/** Captions and topics of the test clips against what people say. */
async function score({ clips: { train, test } }: Corpus, modelDir: string, context: EngineContext) {
  const { captions } = await captionerHandlers['captioner.caption'](
    { modelDir, clips: test, decoding: decoding.parse({}), device: 'cpu' },
    context,
  )
  return metricHandlers['metrics.evaluate'](
    {
      captions,
      references: test.map((clip) => ({ id: clip.id, captions: clip.captions })),
      candidates: train.flatMap((clip) => clip.captions),
      topicTruth: test.map(({ id, topics }) => ({ id, topics })),
    },
    context,
  )
}
