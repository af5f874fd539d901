/**
 * Evidence that the method works: two baselines, random-topics and interpretive captioners over some seeds, on the
 * demo's sample, on Flickr8k, on features of MSR-VTT, and on features simulated from the captions of MSVD
 * (lib/interpretability/corpora): captions, held-out alignment, how selective neurons are, what silencing a topic's
 * neurons does to its words, and what corrections mend and cost elsewhere. docs/evidence.md says what each figure is.
 * Hours on two cores. What has been done is kept in the folder, with the settings and the commits of the code that made
 * it, and a run that was broken off goes on from there.
 *
 *   npm run bench -- interpretability [--corpus sample|flickr8k|msrvtt|msvd] [--preset NAME] [--seeds 5] [--epochs N]
 *                                     [--corrections 10] [--set NAME=VALUE]... [--data DIR] [--folder DIR]
 *                                     [--seed N]... [--report]
 *
 *   --corpus NAME     one of them alone
 *   --preset NAME     one preset, in place of those that a corpus is tried with (the sample: fast and default)
 *   --seeds N         seeds 1 to N of each kind
 *   --epochs N        passes over the training clips (MSVD: 12; else as the preset says)
 *   --corrections N   at most so many of either sort of errors are learnt, for each seed; 0: none
 *   --set NAME=VALUE  a setting of the captioners that is not the preset's, as of `vitrine train`
 *   --data DIR        where flickr8k/, msrvtt/ and msvd/ are (../shared/data); what is missing is skipped
 *   --folder DIR      where models and figures are kept (vitrine-interpretability in the system's temporary folder)
 *   --seed N          makes these seeds alone, and prints no table: several processes may share a folder, each with seeds
 *                     of its own, on processors of its own (`taskset -c 0 npm run bench -- ... --seed 1`)
 *   --report          tables of the seeds that are whole; nothing is computed
 */
import './lib/heap.ts'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { corpusNamed } from './lib/interpretability/corpora/by-name.ts'
import { CORPORA, PRESETS_TRIED, settingsFor } from './lib/interpretability/corpora/corpus.ts'
import type { Corpus, CorpusName } from './lib/interpretability/corpora/corpus.ts'
import { estimate } from './lib/interpretability/estimate.ts'
import { KINDS } from './lib/interpretability/kinds.ts'
import type { Kind } from './lib/interpretability/kinds.ts'
import { readLock, takeLock } from './lib/interpretability/lock.ts'
import { report } from './lib/interpretability/report.ts'
import type { Seed } from './lib/interpretability/seeds.ts'
import { makeRepairs, readControls, runTrial } from './lib/interpretability/trial.ts'
import type { Trial, TrialSetup } from './lib/interpretability/trial.ts'
import { printMachine } from './lib/machine.ts'
import { figure } from './lib/table.ts'
import { settingsOf } from '../src-main/cli/commands/training/shared.ts'
import { preset as presetSchema } from '#contract'
import type { Preset } from '#contract'
import { engineContext } from '../test/engine/context.ts'

const { values } = parseArgs({
  options: {
    corpus: { type: 'string' },
    preset: { type: 'string' },
    seeds: { type: 'string', default: '5' },
    epochs: { type: 'string' },
    corrections: { type: 'string', default: '10' },
    set: { type: 'string', multiple: true, default: [] },
    data: { type: 'string', default: fileURLToPath(new URL('../../shared/data', import.meta.url)) },
    folder: { type: 'string', default: join(tmpdir(), 'vitrine-interpretability') },
    seed: { type: 'string', multiple: true, default: [] },
    report: { type: 'boolean', default: false },
  },
})
/** A share of the seeds is made by this process; tables are of all of them. */
const isShare = values.seed.length > 0
const seedNumbers = isShare
  ? values.seed.map(Number)
  : Array.from({ length: Number(values.seeds) }, (_, i) => i + 1)
const corrections = Number(values.corrections)
const chosenSettings = {
  ...settingsOf(values.set),
  ...(values.epochs !== undefined && { epochs: Number(values.epochs) }),
}
const root = resolve(values.folder)
const context = engineContext()
const started = performance.now()
const log = (line: string): void => {
  console.error(`${((performance.now() - started) / 60_000).toFixed(1)} min  ${line}`)
}

printMachine()
for (const name of CORPORA.filter((known) => (values.corpus ?? known) === known)) {
  const corpus = await makeCorpus(name)
  if (corpus === null) {
    console.log(`\n${name} is not in ${values.data}: it is skipped.`)
    continue
  }
  const presets = values.preset === undefined ? PRESETS_TRIED[name] : [presetSchema.parse(values.preset)]
  for (const preset of presets) {
    await tryPreset(corpus, preset)
  }
}

async function makeCorpus(name: CorpusName): Promise<Corpus | null> {
  const folder = join(root, name)
  await mkdir(folder, { recursive: true })
  return corpusNamed(name, values.data, { folder, context, log })
}

async function tryPreset(corpus: Corpus, preset: Preset): Promise<void> {
  const settings = settingsFor(corpus, preset, chosenSettings)
  const label = [preset, `epochs-${settings.epochs}`, ...values.set].join(',')
  const folder = join(root, corpus.name, label)
  await mkdir(folder, { recursive: true })
  const lock = await (values.report ? readLock : takeLock)(folder, settings)
  const setup = { corpus, settings, folder, context, log }
  const wholeSeeds = values.report ? seedNumbers.filter((seed) => isWhole(setup, seed)) : seedNumbers
  if (!values.report) {
    const expected = await estimate(setup, seedNumbers)
    log(
      expected === null
        ? `${corpus.name}, ${preset}: all captioners are trained`
        : `${corpus.name}, ${preset}: ${expected.captioners} captioners to train and to measure, about ${figure(expected.minutes)} minutes, beside the corrections`,
    )
  }
  const seeds: Seed[] = []
  for (const seed of wholeSeeds) {
    seeds.push(await runSeed(setup, seed))
  }
  if (seeds.length > 0 && !isShare) {
    report(corpus, preset, seeds)
    console.log(
      `\nMade by commit ${(lock?.made ?? []).map(({ commit, date }) => `${commit} (from ${date})`).join(', then ')}.`,
    )
  }
}

async function runSeed(setup: TrialSetup, seed: number): Promise<Seed> {
  const trials: Partial<Record<Kind, Trial>> = {}
  for (const kind of KINDS) {
    trials[kind] = await runTrial(setup, kind, seed)
  }
  return {
    seed,
    trials: trials as Record<Kind, Trial>,
    controls: await readControls(setup, seed),
    repairs: corrections === 0 ? null : await makeRepairs(setup, seed, corrections),
  }
}

/** Whether nothing of a seed is missing. */
function isWhole({ folder }: TrialSetup, seed: number): boolean {
  const pieces = [
    `controls-${seed}.json`,
    ...(corrections === 0 ? [] : [join(`interpretive-${seed}`, `repairs-${corrections}.json`)]),
  ]
  return pieces.every((piece) => existsSync(join(folder, piece)))
}
