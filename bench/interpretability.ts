/**
 * Evidence that the method works: baseline, random-topics and interpretive captioners over some seeds, on the
 * demo's sample, on Flickr8k, on features of MSR-VTT, and on features simulated from the captions of MSVD
 * (lib/interpretability/corpora): captions, topics, how selective neurons are, what silencing a topic's neurons
 * does to its words, and what corrections mend and cost elsewhere. docs/evidence.md says what each figure is.
 * Hours on two cores; what has been done is kept in the folder, and a run that was broken off goes on from
 * there.
 *
 *   npm run bench -- interpretability [--seeds 5] [--epochs N] [--corrections 10] [--corpus sample|flickr8k|msrvtt|msvd]
 *                                     [--set NAME=VALUE]... [--data DIR] [--folder DIR]
 *
 *   --seeds N         seeds 1 to N of each kind
 *   --epochs N        passes over the training clips (the sample: as the demo; MSVD: 12; real ones: as the preset says)
 *   --corrections N   at most so many of either sort of errors are learnt, for each seed
 *   --corpus NAME     one of them alone
 *   --set NAME=VALUE  a setting of the captioners that is not the preset's, as of `vitrine train`
 *   --data DIR        where flickr8k/, msrvtt/ and msvd/ are (../shared/data); what is missing is skipped
 *   --folder DIR      where models and figures are kept (vitrine-interpretability in the system's temporary folder)
 */
import './lib/heap.ts'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readControls, reportControls } from './lib/interpretability/controls.ts'
import type { Readings } from './lib/interpretability/controls.ts'
import { CORPORA } from './lib/interpretability/corpora/corpus.ts'
import type { Corpus, CorpusName, CorpusOptions } from './lib/interpretability/corpora/corpus.ts'
import { msvdCorpus } from './lib/interpretability/corpora/msvd.ts'
import { flickr8kCorpus, msrvttCorpus } from './lib/interpretability/corpora/real.ts'
import { sampleCorpus } from './lib/interpretability/corpora/sample.ts'
import { KINDS, report } from './lib/interpretability/report.ts'
import type { Trials } from './lib/interpretability/report.ts'
import { runTrial } from './lib/interpretability/trial.ts'
import { printMachine } from './lib/machine.ts'
import { settingsOf } from '../src-main/cli/commands/training/shared.ts'
import { captionerSettings } from '#contract'
import { engineContext } from '../test/engine/context.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '5' },
    epochs: { type: 'string' },
    corrections: { type: 'string', default: '10' },
    corpus: { type: 'string' },
    set: { type: 'string', multiple: true, default: [] },
    data: { type: 'string', default: fileURLToPath(new URL('../../shared/data', import.meta.url)) },
    folder: { type: 'string', default: join(tmpdir(), 'vitrine-interpretability') },
  },
})
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => i + 1)
const epochs = values.epochs === undefined ? null : Number(values.epochs)
const root = resolve(values.folder)
const context = engineContext()
const started = performance.now()
const log = (line: string): void => {
  console.error(`${((performance.now() - started) / 60_000).toFixed(1)} min  ${line}`)
}

const MAKERS: Record<CorpusName, (options: CorpusOptions) => Promise<Corpus | null>> = {
  sample: sampleCorpus,
  flickr8k: (options) => flickr8kCorpus(values.data, options),
  msrvtt: (options) => msrvttCorpus(values.data, options),
  msvd: (options) => msvdCorpus(values.data, options),
}

printMachine()
for (const name of CORPORA) {
  if (values.corpus !== undefined && values.corpus !== name) {
    continue
  }
  const made = await makeCorpus(name)
  if (made === null) {
    console.log(`\n${name} is not in ${values.data}: it is skipped.`)
    continue
  }
  const settings = captionerSettings.parse({ ...made.settings, ...settingsOf(values.set) })
  const corpus = { ...made, settings }
  const folder = join(root, name, [`epochs-${settings.epochs}`, ...values.set].join(','))
  await mkdir(folder, { recursive: true })
  const trials: Trials = { baseline: [], 'random-topics': [], interpretive: [] }
  for (const seed of seeds) {
    for (const kind of KINDS) {
      trials[kind].push(
        await runTrial(
          { corpus, folder, context, log },
          { kind, seed, corrections: Number(values.corrections) },
        ),
      )
    }
  }
  report(corpus, trials)
  const readings: Readings[] = []
  for (const seed of seeds) {
    readings.push(await readControls({ corpus, folder, context, log }, seed))
  }
  reportControls(corpus, readings)
}

async function makeCorpus(name: CorpusName): Promise<Corpus | null> {
  const folder = join(root, name)
  await mkdir(folder, { recursive: true })
  return MAKERS[name]({ folder, epochs, context, log })
}
