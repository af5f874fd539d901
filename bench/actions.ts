/**
 * Transfer to MSR-VTT's twenty categories, on features of 800 of its videos that another program computed: what v-bar of
 * frozen captioners knows of them, beside the mean frame feature. Classifiers learn from the clips that the captioners learnt
 * from, and are asked about those that they did not. Intervals are by groups: clips that were cut from one video are one.
 * And the log-loss of the classifier beside scikit-learn's, on the same features.
 *
 *   npm run bench -- actions --captioners DIR [--seeds 3] [--data DIR] [--folder DIR]
 *
 *   --captioners DIR  what the bench "interpretability" keeps of msrvtt's captioners, such as FOLDER/msrvtt/default,epochs-3
 *   --seeds N         seeds 1 to N of each kind
 *   --data DIR        where msrvtt/ is (../shared/data); where it is not, all is skipped
 *   --folder DIR      the bench's folder (vitrine-interpretability in the system's temporary folder)
 */
import './lib/heap.ts'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { split as splitSchema } from '#contract'
import type { Split } from '#contract'
import { Classifier, probabilitiesOf } from '../src-main/engine/actions/classifier.ts'
import type { Problem } from '../src-main/engine/actions/classifier.ts'
import { actionHandlers } from '../src-main/engine/actions/index.ts'
import { readFeatures } from '../src-main/engine/captioner/feature-files.ts'
import type { ActionSource } from '../src-main/engine-host/contract/index.ts'
import { readMembers } from '../src-main/formats/captions/zip.ts'
import { engineContext } from '../test/engine/context.ts'
import { readPairs } from './lib/interpretability/corpora/corpus.ts'
import { msrvttCorpus } from './lib/interpretability/corpora/real.ts'
import { printMachine } from './lib/machine.ts'
import { hasPackages, PYTHON } from './lib/python.ts'
import { figure, printTable } from './lib/table.ts'

const KINDS = ['interpretive', 'baseline', 'baseline-non-negative', 'random-topics']
const STRENGTHS = [1e-3, 1e-1, 1]

const { values } = parseArgs({
  options: {
    captioners: { type: 'string' },
    seeds: { type: 'string', default: '3' },
    data: { type: 'string', default: fileURLToPath(new URL('../../shared/data', import.meta.url)) },
    folder: { type: 'string', default: join(tmpdir(), 'vitrine-interpretability') },
  },
})
const context = engineContext()

interface Labelled {
  id: number
  features: string
  split: Split
  class: number
  group: number
}

printMachine()
const material = await readLabelled()
if (material === null) {
  console.log(`\nmsrvtt is not in ${values.data}: it is skipped.`)
} else {
  await compareWithPeer(material)
  await compareEncoders(material)
}

async function readLabelled(): Promise<{ clips: Labelled[]; classes: string[] } | null> {
  const corpus = await msrvttCorpus(values.data, {
    folder: join(resolve(values.folder), 'msrvtt'),
    context,
    log: () => {},
  })
  if (corpus === null) {
    return null
  }
  const source = join(values.data, 'msrvtt')
  const names = (await readPairs(join(source, 'split.tsv'))).map(([name]) => name)
  const categories = new Map(await readPairs(join(source, 'categories.tsv')))
  const classes = [...new Set(categories.values())].sort()
  const videos = await sourceVideos(source)
  const groups = [...new Set(names.map((name) => videos.get(name) ?? name))]
  const clips = splitSchema.options.flatMap((split) =>
    corpus.clips[split].map(({ id, features }) => ({
      id,
      features,
      split,
      class: classes.indexOf(categories.get(names[id]!)!),
      group: groups.indexOf(videos.get(names[id]!) ?? names[id]!),
    })),
  )
  return { clips, classes }
}

/** The addresses that MSR-VTT's clips were cut from, by clip. */
async function sourceVideos(source: string): Promise<Map<string, string>> {
  const file = 'train_val_annotation.zip'
  const path = join(source, file)
  if (!existsSync(path)) {
    return new Map()
  }
  const member = 'train_val_videodatainfo.json'
  const text = new TextDecoder().decode(
    readMembers(await readFile(path), file, new Set([member])).get(member),
  )
  const { videos } = JSON.parse(text) as { videos: { video_id: string; url: string }[] }
  return new Map(videos.map(({ video_id, url }) => [video_id, url]))
}

/** Log-losses of the classifier and of scikit-learn's, on mean frame features. */
async function compareWithPeer({ clips, classes }: { clips: Labelled[]; classes: string[] }): Promise<void> {
  const python = await findPython()
  if (python === null) {
    console.log(
      '\nscikit-learn is not installed: the comparison with it is skipped (pip install scikit-learn).',
    )
    return
  }
  const ordered = [...clips].sort((a, b) => Number(b.split === 'train') - Number(a.split === 'train'))
  const learnt = ordered.filter(({ split }) => split === 'train').length
  const features = await Promise.all(ordered.map(meanFeature))
  const problem: Problem = {
    features,
    classes: classes.length,
    areNeurons: false,
    clips: ordered.map((clip) => ({ class: clip.class, group: String(clip.group) })),
  }
  const places = [...ordered.keys()]
  const classifier = await Classifier.compile(problem, 'cpu')
  const heads = await classifier.fit(places.slice(0, learnt), STRENGTHS, context.signal)
  await classifier.release()
  const lossOn = (head: (typeof heads)[number], rows: number[]): number =>
    rows.reduce(
      (sum, place) => sum - Math.log(probabilitiesOf(head, problem, place)[ordered[place]!.class]!),
      0,
    ) / rows.length
  const call = promisify(execFile)(python, [fileURLToPath(new URL('peers/logistic.py', import.meta.url))], {
    maxBuffer: 2 ** 26,
  })
  call.child.stdin?.end(
    JSON.stringify({
      features: features.map((row) => [...row]),
      classes: ordered.map((clip) => clip.class),
      learnt,
      strengths: STRENGTHS,
    }),
  )
  const peer = JSON.parse((await call).stdout) as { version: string; losses: [number, number][] }
  console.log(`\nLog-loss on mean frame features, beside scikit-learn ${peer.version}\n`)
  printTable(
    ['C', 'learnt from', 'its', 'held out', 'its', 'largest difference'],
    heads.map((head, i) => {
      const found = [lossOn(head, places.slice(0, learnt)), lossOn(head, places.slice(learnt))]
      const theirs = peer.losses[i]!
      const apart = Math.max(...found.map((loss, k) => Math.abs(loss - theirs[k]!)))
      return [
        String(head.strength),
        figure(found[0]!, 6),
        figure(theirs[0], 6),
        figure(found[1]!, 6),
        figure(theirs[1], 6),
        apart.toExponential(1),
      ]
    }),
  )
}

async function findPython(): Promise<string | null> {
  for (const python of [PYTHON, 'python3']) {
    if (await hasPackages(['sklearn'], python)) {
      return python
    }
  }
  return null
}

async function meanFeature({ id, features }: Labelled): Promise<Float32Array> {
  const { rows, size, data } = await readFeatures({ id, features }, 128)
  return Float32Array.from({ length: size }, (_, j) => {
    let sum = 0
    for (let t = 0; t < rows; t++) {
      sum += data[t * size + j]!
    }
    return sum / rows
  })
}

/** Encoders of all kinds and seeds, asked about clips that neither they nor the classifiers have learnt from. */
async function compareEncoders({ clips, classes }: { clips: Labelled[]; classes: string[] }): Promise<void> {
  if (values.captioners === undefined) {
    console.log('\n--captioners is not given: encoders are not compared.')
    return
  }
  const sources = sourcesIn(resolve(values.captioners))
  const learntGroups = new Set(clips.filter(({ split }) => split === 'train').map(({ group }) => group))
  const train = placesWhere(clips, ({ split }) => split === 'train')
  const test = placesWhere(clips, ({ split, group }) => split !== 'train' && !learntGroups.has(group))
  const { figures, comparisons } = await actionHandlers['actions.transfer'](
    {
      sources: sources.map(({ of, modelDir }) => ({ of, modelDir, topicOf: null })),
      clips,
      classes: classes.length,
      rounds: [{ train, test }],
      pairs: [],
      topics: 0,
      seed: 1,
      device: 'cpu',
    },
    context,
  )
  const frames = sources.findIndex(({ of }) => of === 'frames')
  const counts = classes.map((_, k) => test.filter((place) => clips[place]!.class === k).length)
  console.log(
    `\n${train.length} clips learnt from, ${test.length} held out, ${classes.length} categories; the largest has ${figure(Math.max(...counts) / test.length, 3)} of those held out\n`,
  )
  printTable(
    [
      'classified by',
      'features',
      'accuracy',
      '95%',
      'macro-F1',
      '95%',
      'log-loss',
      'calibration',
      'C',
      'p by frames',
    ],
    sources.map(({ title }, i) => {
      const { size, accuracy, macroF1, logLoss, calibrationError, strengths } = figures[i]!
      const comparison = comparisons.find(({ a, b }) => Math.min(a, b) === i && Math.max(a, b) === frames)
      const interval = ({ low, high }: typeof accuracy): string => `${figure(low!, 3)} to ${figure(high!, 3)}`
      return [
        title,
        String(size),
        figure(accuracy.value, 3),
        interval(accuracy),
        figure(macroF1.value, 3),
        interval(macroF1),
        figure(logLoss!, 3),
        figure(calibrationError!, 3),
        String(strengths[0]),
        comparison === undefined ? '' : figure(comparison.p, 3),
      ]
    }),
  )
  console.log('\nMean accuracy over seeds, and the standard deviation between them\n')
  printTable(
    ['classified by', 'accuracy', 'deviation'],
    [...Map.groupBy(sources.keys(), (i) => sources[i]!.title.replace(/ \d+$/, ''))].map(([title, places]) => {
      const accuracies = places.map((i) => figures[i]!.accuracy.value)
      const mean = accuracies.reduce((sum, x) => sum + x, 0) / accuracies.length
      const variance =
        accuracies.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, accuracies.length - 1)
      return [title, figure(mean, 3), accuracies.length > 1 ? figure(Math.sqrt(variance), 3) : '']
    }),
  )
}

function placesWhere(clips: readonly Labelled[], isWanted: (clip: Labelled) => boolean): number[] {
  return [...clips.keys()].filter((place) => isWanted(clips[place]!))
}

function sourcesIn(folder: string): (Omit<ActionSource, 'topicOf'> & { title: string })[] {
  const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => i + 1)
  const modelOf = (kind: string, seed: number): string => join(folder, `${kind}-${seed}`, 'trained')
  const there = (kind: string): number[] => seeds.filter((seed) => existsSync(modelOf(kind, seed)))
  return [
    ...KINDS.flatMap((kind) =>
      there(kind).map((seed) => ({
        of: 'neurons' as const,
        modelDir: modelOf(kind, seed),
        title: `${kind} ${seed}`,
      })),
    ),
    ...there('interpretive').map((seed) => ({
      of: 'topics' as const,
      modelDir: modelOf('interpretive', seed),
      title: `topic scores ${seed}`,
    })),
    ...there('interpretive')
      .slice(0, 1)
      .map((seed) => ({
        of: 'untrained' as const,
        modelDir: modelOf('interpretive', seed),
        title: 'untrained',
      })),
    { of: 'frames', modelDir: null, title: 'frame features' },
  ]
}
