/**
 * Corrections as the literature on model editing reports them, on the demo's sample, on features of MSR-VTT and on Flickr8k:
 * whether a correction is said, by other searches and with other frames too; which errors of the same topics
 * nearby it mends; what it does to all other captions; whether earlier ones stay; and how long it takes.
 * Intervals are of edits drawn with replacement. docs/evidence.md has the tables.
 *
 *   npm run bench -- corrections [--corrections 30] [--turns 10] [--split test] [--corpus sample|msrvtt|flickr8k] [--seed 1]
 *                                [--captioners DIR,DIR] [--epochs N] [--data DIR] [--folder DIR]
 *
 *   --corrections N   learnt at most of each captioner, each by itself
 *   --turns N         of the first captioner, learnt at most one after the other; looked back at after 1, 10 and 50
 *   --split NAME      whose captions are corrected: test, or val while something is chosen
 *   --corpus NAME     one of them alone
 *   --captioners DIRS corrected in place of one that is trained: models that were trained on the corpus of the folder, as
 *                     the bench "interpretability" leaves them in its own; they are copied
 *   --epochs N        of the captioner's training (sample: as the demo; MSR-VTT: 5; Flickr8k: 6)
 *   --data DIR        where msrvtt/ and flickr8k/ are (../shared/data); what is missing is skipped
 *   --folder DIR      where captioners are kept, and outcomes, an edit a line, so that a run that was broken off goes
 *                     on (vitrine-corrections in the system's temporary folder); another way of learning wants another folder
 */
import './lib/heap.ts'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { split as splitSchema } from '#contract'
import type { Preset } from '#contract'
import { engineContext } from '../test/engine/context.ts'
import { adoptedCaptioner, trainedCaptioner } from './lib/corrections/captioner.ts'
import { printOutcomes, printRetained } from './lib/corrections/report.ts'
import { editsOf, learnEach, learnInTurn } from './lib/corrections/trial.ts'
import type { Bench, Outcome } from './lib/corrections/trial.ts'
import { corpusNamed } from './lib/interpretability/corpora/by-name.ts'
import { settingsFor } from './lib/interpretability/corpora/corpus.ts'
import type { Corpus, CorpusName } from './lib/interpretability/corpora/corpus.ts'
import { printMachine } from './lib/machine.ts'

const LOOK_BACK = [1, 10, 50]

const { values } = parseArgs({
  options: {
    corrections: { type: 'string', default: '30' },
    turns: { type: 'string', default: '10' },
    split: { type: 'string', default: 'test' },
    corpus: { type: 'string' },
    seed: { type: 'string', default: '1' },
    captioners: { type: 'string' },
    epochs: { type: 'string' },
    data: { type: 'string', default: fileURLToPath(new URL('../../shared/data', import.meta.url)) },
    folder: { type: 'string', default: join(tmpdir(), 'vitrine-corrections') },
  },
})
const context = engineContext()
const started = performance.now()
const log = (line: string): void => {
  console.error(`${((performance.now() - started) / 60_000).toFixed(1)} min  ${line}`)
}
const wantedEpochs = values.epochs === undefined ? undefined : Number(values.epochs)

/** What is tried, and with what captioner; that of MSR-VTT is as small as the sample's, for it is corrections that count. */
const TRIED: readonly { name: CorpusName; preset: Preset; epochs?: number }[] = [
  { name: 'sample', preset: 'fast' },
  { name: 'msrvtt', preset: 'fast', epochs: 5 },
  { name: 'flickr8k', preset: 'default', epochs: 6 },
]

/** Outcomes that a table is of. */
const GROUPS: { title: string; isMeant: (outcome: Outcome) => boolean }[] = [
  { title: 'in all', isMeant: () => true },
  { title: 'by topics', isMeant: ({ typed }) => !typed },
  { title: 'as typed', isMeant: ({ typed }) => typed },
]

async function adopted(corpus: Corpus, paths: readonly string[], folder: string): Promise<string[]> {
  const captioners: string[] = []
  for (const [i, path] of paths.entries()) {
    captioners.push(
      await adoptedCaptioner(corpus, resolve(path), { name: `captioner-${i + 1}`, folder, context }),
    )
  }
  return captioners
}

printMachine()
for (const { name, preset, epochs } of TRIED) {
  if (values.corpus !== undefined && values.corpus !== name) {
    continue
  }
  const folder = join(resolve(values.folder), name)
  await mkdir(folder, { recursive: true })
  const corpus = await corpusNamed(name, values.data, { folder, context, log })
  if (corpus === null) {
    console.log(`\n${name} is not in ${values.data}: it is skipped.`)
    continue
  }
  const chosenEpochs = wantedEpochs ?? epochs
  const settings = settingsFor(corpus, preset, chosenEpochs === undefined ? {} : { epochs: chosenEpochs })
  const place = { folder, context, log }
  const captioners = await (values.captioners === undefined
    ? Promise.all([trainedCaptioner(corpus, settings, place)])
    : adopted(corpus, values.captioners.split(','), folder))
  const split = splitSchema.parse(values.split)
  const benches = captioners.map((modelDir): Bench => ({
    corpus,
    modelDir,
    folder,
    split,
    seed: Number(values.seed),
    context,
    log,
  }))
  const outcomes: Outcome[] = []
  for (const bench of benches) {
    const edits = await editsOf(bench)
    const each = edits.slice(0, Number(values.corrections))
    console.log(
      `\n-- ${name}: ${edits.length} captions of ${corpus.clips[split].length} ${split} clips have an error that a reviewer can mend; ${each.length} are learnt --`,
    )
    outcomes.push(...(await learnEach(bench, each)))
  }
  for (const { title, isMeant } of GROUPS) {
    const meant = outcomes.filter(isMeant)
    console.log(`\n${meant.length} corrections ${title}\n`)
    printOutcomes(meant)
  }
  const [first] = benches
  const turns = (await editsOf(first!)).slice(0, Number(values.turns))
  const looks = [...new Set([...LOOK_BACK.filter((turn) => turn <= turns.length), turns.length])]
  if (turns.length > 0) {
    console.log()
    printRetained(await learnInTurn(first!, turns, looks))
  }
}
