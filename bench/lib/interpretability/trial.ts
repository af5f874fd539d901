/**
 * One captioner of one kind and seed on a corpus: trained, scored, and all that is measured of it, kept in a
 * file each.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from './corpora.ts'
import type { Corpus } from './corpora.ts'
import { selectivity, silencing, writeMap } from './measures.ts'
import type { Selectivity, Silenced } from './measures.ts'
import { saveProbed } from './probe.ts'
import { createRepairs } from './repairs.ts'
import type { Repairs } from './repairs.ts'
import { decoding } from '#contract'
import type { CaptionMetrics, ModelKind } from '#contract'
import { captionerHandlers } from '../../../src-main/engine/captioner/index.ts'
import type { EngineContext } from '../../../src-main/engine-host/contract/index.ts'
import { metricHandlers } from '../../../src-main/engine/metrics/index.ts'
import { readNeuronMap } from '../../../src-main/engine/neurons/neuron-map.ts'

/** The neurons as one topic head reads them. */
export interface Read {
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
  own: Read | null
  /** By a head that was trained anew on the frozen encoder. */
  probe: Read
  /** Of an interpretive captioner. */
  repairs: Repaired | null
}

interface Repaired {
  natural: Repairs
  induced: Repairs
}

interface TrialOptions {
  kind: ModelKind
  seed: number
  /** Corrections of either sort of errors. */
  corrections: number
}

/** Trains and measures, below `folder`; what is there already is read. */
export async function runTrial(
  corpus: Corpus,
  folder: string,
  options: TrialOptions,
  context: EngineContext,
  say: (line: string) => void,
): Promise<Trial> {
  const { kind, seed, corrections } = options
  const own = join(folder, `${kind}-${seed}`)
  await mkdir(own, { recursive: true })
  const tell = (line: string): void => {
    say(`${corpus.name}, ${kind}, seed ${seed}: ${line}`)
  }
  const measured = await cached(join(own, 'measured.json'), () =>
    measure(corpus, own, options, context, tell),
  )
  const repairs =
    kind === 'interpretive'
      ? await cached(join(own, `repairs-${corrections}.json`), () =>
          makeRepairs(corpus, own, options, context, tell),
        )
      : null
  return { ...measured, repairs }
}

async function measure(
  corpus: Corpus,
  folder: string,
  { kind, seed }: TrialOptions,
  context: EngineContext,
  say: (line: string) => void,
): Promise<Omit<Trial, 'repairs'>> {
  const { clips, settings, frames, topics } = corpus
  const trained = join(folder, 'trained')
  await cached(join(folder, 'training.json'), () => {
    say('training')
    return captionerHandlers['captioner.train'](
      {
        kind,
        settings,
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

  say('scoring, interpreting, silencing')
  const { metrics, fixedCaption, topics: head } = await score(corpus, trained, context)
  const own = kind === 'baseline' ? null : await read(corpus, trained, head, kind === 'interpretive', context)
  await writeMap(trained, corpus, context)
  const {
    clipIds,
    clipMeans,
    shuffled: { length: D },
  } = await readNeuronMap(trained)
  const probed = join(folder, 'probed')
  await saveProbed(
    trained,
    probed,
    new Map(Array.from(clipIds, (id, i) => [id, clipMeans.subarray(i * D, (i + 1) * D)])),
    clips,
    seed,
  )
  const probe = await read(corpus, probed, (await score(corpus, probed, context)).topics, true, context)

  return { metrics, fixedCider: fixedCaption.metrics.CIDEr, own, probe }
}

/** Corrections learnt from a trained captioner, of either sort of errors; the captioner has a neuron map. */
async function makeRepairs(
  corpus: Corpus,
  folder: string,
  { seed, corrections }: TrialOptions,
  context: EngineContext,
  say: (line: string) => void,
): Promise<Repaired> {
  say('learning corrections')
  const trained = join(folder, 'trained')
  await writeMap(trained, corpus, context)
  const repair = createRepairs(corpus, context)
  return {
    natural: await repair.natural(trained, folder, corrections, seed),
    induced: await repair.induced(trained, folder, corrections, seed),
  }
}

/** The neurons as the head of a model reads them; `head` is how well it predicts. */
async function read(
  corpus: Corpus,
  modelDir: string,
  head: { mAP: number; chance: number } | null,
  silence: boolean,
  context: EngineContext,
): Promise<Read> {
  if (head === null) {
    throw new Error('no test clip bears a topic')
  }
  const selective = await selectivity(modelDir, corpus, context)
  await writeMap(modelDir, corpus, context)
  return {
    mAP: head.mAP,
    chance: head.chance,
    selectivity: selective,
    silencing: silence ? await silencing(modelDir, corpus, context) : null,
  }
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
      references: test.map(({ id, captions: own }) => ({ id, captions: own })),
      candidates: train.flatMap((clip) => clip.captions),
      topicTruth: test.map(({ id, topics }) => ({ id, topics })),
    },
    context,
  )
}
