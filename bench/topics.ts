/**
 * Finding topics: coherence against time beside gensim's LdaModel, tokens a second, and a corpus of two
 * million tokens.
 *
 * The captions are those of MSVD's training clips, where they lie beside the project
 * (../shared/data/msvd/captions/train.txt, `clip<TAB>caption`), else generated. gensim is Debian's (apt
 * install python3-gensim); without it its part is skipped.
 *
 *   npm run bench -- topics
 *   BENCH_PLOT=FILE.svg npm run bench -- topics      draws the plot, too
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { createInterface } from 'node:readline/promises'
import { fileURLToPath } from 'node:url'
import { printMachine } from './lib/machine.ts'
import { printPlot, svgPlot } from './lib/plot.ts'
import { hasPackages, PYTHON } from './lib/python.ts'
import { figure, percent, printTable } from './lib/table.ts'
import { topicsRequest } from '#contract'
import type { EngineParams, EngineResult } from '../src-main/engine-host/contract/index.ts'
import { createPacer } from '../src-main/engine/pacer.ts'
import { coherence, meanOfDefined } from '../src-main/engine/topics/coherence.ts'
import { buildCorpus } from '../src-main/engine/topics/corpus.ts'
import { topicHandlers } from '../src-main/engine/topics/index.ts'
import { windowCoherence } from '../src-main/engine/topics/window-coherence.ts'
import { engineContext } from '../test/engine/context.ts'
import { asClips, generateCorpus } from '../test/engine/topics/generate.ts'

const K = 100
const SWEEPS = [25, 50, 100, 200, 300, 500]
/** The fit that goals are about. */
const GOAL_SWEEPS = 300
const GOAL = { npmi: 0.128, tokensPerSecond: 12e6 }
const SEEDS = [1, 2, 3]
/** What each of gensim's settings may train for. */
const PEER_SECONDS = 20
const PEERS = [
  { mark: 'g', label: 'LdaModel as it comes', className: 'LdaModel', settings: {} },
  {
    mark: 'G',
    label: 'LdaModel, priors learnt, chunks of 100',
    className: 'LdaModel',
    settings: { alpha: 'auto', eta: 'auto', chunksize: 100 },
  },
  {
    mark: 'm',
    label: 'LdaMulticore, chunks of 100',
    className: 'LdaMulticore',
    settings: { eta: 'auto', chunksize: 100, workers: availableParallelism() },
  },
]
const LARGE = { tokens: 2_000_000, sweeps: 500, goalSeconds: 120 }

type Documents = EngineParams<'topics.fit'>['documents']

/** Fits of one number of sweeps, one a seed. */
interface Fits {
  sweeps: number
  /** Of the fastest. */
  seconds: number
  processor: number
  tokensPerSecond: number
  npmis: number[]
  npmi: number
  /** Top words of the first seed's topics. */
  topWords: number[][]
}

/** A setting of gensim's that was trained. */
interface Peer {
  mark: string
  label: string
  version: string
  /** One a pass. */
  points: PeerPoint[]
}
interface PeerPoint {
  seconds: number
  processor: number
  npmi: number
  topWords: number[][]
}

const context = engineContext()
const pause = createPacer(context.signal)
const fit = topicHandlers['topics.fit']
const settings = topicsRequest.parse({ k: K, minDocumentFrequency: 5, maxDocumentShare: 0.5 })

printMachine()
const { name, documents } = readCaptions()
const corpus = await buildCorpus(documents, settings, pause)
console.log(
  `${name}: ${figure(documents.length)} clips, ${figure(corpus.words.length)} tokens of ${figure(corpus.vocabulary.length)} words, ${K} topics; seeds ${SEEDS.join(', ')}\n`,
)
const fits: Fits[] = []
for (const sweeps of SWEEPS) {
  fits.push(await fitSeeds(sweeps))
}
const peers = await trainGensim()
await printComparison(fits, peers)
printGoal(fits, peers)
plot(fits, peers)
await fitLargeCorpus()

function readCaptions(): { name: string; documents: Documents } {
  const path = fileURLToPath(new URL('../../shared/data/msvd/captions/train.txt', import.meta.url))
  if (!existsSync(path)) {
    console.log(
      'The captions of MSVD are not there: generated ones take their place, whose words do not repeat as captions do.',
    )
    return {
      name: 'generated',
      documents: asClips(
        generateCorpus({
          documents: 1200,
          length: 125,
          vocabulary: 1900,
          alpha: new Array<number>(K).fill(0.03),
          beta: 0.02,
          seed: 1,
        }),
      ),
    }
  }
  const captionsOf = new Map<string, string[]>()
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [clip = '', caption] = line.split('\t')
    if (caption !== undefined) {
      captionsOf.set(clip, [...(captionsOf.get(clip) ?? []), caption])
    }
  }
  return {
    name: 'MSVD, training captions',
    documents: [...captionsOf.values()].map((captions, id) => ({ id, captions })),
  }
}

async function fitSeeds(sweeps: number): Promise<Fits> {
  const results: (EngineResult<'topics.fit'> & { processor: number })[] = []
  for (const seed of SEEDS) {
    const before = process.cpuUsage()
    const result = await fit({ ...settings, iterations: sweeps, seed, documents }, context)
    results.push({ ...result, processor: processorSeconds(before) })
  }
  const npmis = results.map(({ npmi }) => npmi ?? NaN)
  return {
    sweeps,
    seconds: Math.min(...results.map(({ seconds }) => seconds)),
    processor: Math.min(...results.map(({ processor }) => processor)),
    tokensPerSecond: Math.max(...results.map(({ tokensPerSecond }) => tokensPerSecond)),
    npmis,
    npmi: npmis.reduce((sum, npmi) => sum + npmi, 0) / npmis.length,
    topWords: results[0]!.model.topics.map(({ counts }) => counts.slice(0, 10).map(({ word }) => word)),
  }
}

/** Seconds of this process's processors since. */
function processorSeconds(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

/** gensim on the same tokens, by each of PEERS; none where Debian's Python has no gensim. */
async function trainGensim(): Promise<Peer[]> {
  if (!(await hasPackages(['gensim']))) {
    console.log('gensim is not installed: skipped (Debian: apt install python3-gensim).\n')
    return []
  }
  const trained: Peer[] = []
  for (const peer of PEERS) {
    trained.push(await trainPeer(peer))
  }
  return trained
}

async function trainPeer({
  mark,
  label,
  className,
  settings: peerSettings,
}: (typeof PEERS)[number]): Promise<Peer> {
  const child = spawn(PYTHON, [fileURLToPath(new URL('peers/topics.py', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(
    JSON.stringify({
      documents: documents.map((_, d) => [...corpus.words.subarray(corpus.starts[d], corpus.starts[d + 1])]),
      words: corpus.vocabulary.length,
      k: K,
      seconds: PEER_SECONDS,
      class: className,
      settings: peerSettings,
    }),
  )
  const points: PeerPoint[] = []
  let version = ''
  for await (const line of createInterface(child.stdout)) {
    const answer = JSON.parse(line) as
      { version: string } | { seconds: number; processor: number; tops: number[][] }
    if ('version' in answer) {
      version = answer.version
    } else {
      const { seconds, processor, tops: topWords } = answer
      points.push({
        seconds,
        processor,
        topWords,
        npmi: meanOfDefined(coherence(corpus, topWords)) ?? NaN,
      })
    }
  }
  if (points.length === 0) {
    throw new Error('the gensim peer ended early')
  }
  return { mark, label, version, points }
}

async function printComparison(fitted: readonly Fits[], trained: readonly Peer[]): Promise<void> {
  const rows: string[][] = []
  for (const { sweeps, seconds, processor, tokensPerSecond, npmis, npmi, topWords } of fitted) {
    rows.push([
      `Vitrine, ${sweeps} sweeps`,
      figure(seconds, 1),
      figure(processor, 1),
      figure(tokensPerSecond / 1e6, 1),
      figure(npmi, 3),
      `${figure(Math.min(...npmis), 3)} to ${figure(Math.max(...npmis), 3)}`,
      ...(await wordMeasures(topWords)),
    ])
  }
  for (const { label, points, version } of trained) {
    const best = points.indexOf(bestOfPasses(points))
    for (const i of new Set([best, points.length - 1])) {
      const { seconds, processor, npmi, topWords } = points[i]!
      rows.push([
        `gensim ${version}, ${label}, ${i + 1} ${i === 0 ? 'pass' : 'passes'}`,
        figure(seconds, 1),
        figure(processor, 1),
        figure((corpus.words.length * (i + 1)) / seconds / 1e6, 2),
        figure(npmi, 3),
        '',
        ...(await wordMeasures(topWords)),
      ])
    }
  }
  console.log(
    'Time, and tokens a second, are the best of the seeds, and NPMI is their mean; of gensim the pass with the highest NPMI and',
  )
  console.log(
    'the last. Processor seconds are those of all threads, reading of captions included. Distinct: of the ten top words of all topics. Topics that share theirs are coherent without telling clips apart.',
  )
  printTable(['', 'seconds', 'processor', 'Mtokens/s', 'NPMI', 'range', 'C_V', 'distinct'], rows)
}

const bestOfPasses = (points: readonly PeerPoint[]): PeerPoint =>
  points.reduce((best, point) => (point.npmi > best.npmi ? point : best))

/** C_V of topics' top ten words, and the share of the words that are distinct. */
async function wordMeasures(topWords: readonly number[][]): Promise<string[]> {
  const cv = meanOfDefined(await windowCoherence(corpus, topWords, pause))
  return [figure(cv ?? NaN, 3), percent(new Set(topWords.flat()).size / topWords.flat().length)]
}

function printGoal(fitted: readonly Fits[], trained: readonly Peer[]): void {
  const { npmi, tokensPerSecond } = fitted.find(({ sweeps }) => sweeps === GOAL_SWEEPS)!
  const reached = npmi >= GOAL.npmi && tokensPerSecond >= GOAL.tokensPerSecond
  console.log(
    `\nGoal: NPMI ${GOAL.npmi} at ${GOAL.tokensPerSecond / 1e6} million tokens a second, ${GOAL_SWEEPS} sweeps: ${reached ? 'reached' : 'missed'}, on one core.`,
  )
  for (const { label, points } of trained) {
    const [best, last] = [bestOfPasses(points), points.at(-1)!]
    const sooner = fitted.find((fits) => fits.npmi >= best.npmi)
    const rate = tokensPerSecond / ((corpus.words.length * points.length) / last.seconds)
    console.log(
      `Beside gensim, ${label}: ${figure(rate)} times the tokens a second. Its highest NPMI, ${figure(best.npmi, 3)}, it has after ${figure(best.seconds, 1)} s, Vitrine ` +
        `${sooner ? `after ${figure(sooner.seconds, 1)} s, ${figure(best.seconds / sooner.seconds, 1)} times as soon` : 'at no time'}.`,
    )
  }
  console.log()
}

function plot(fitted: readonly Fits[], trained: readonly Peer[]): void {
  const pointOf = ({ seconds, npmi }: { seconds: number; npmi: number }) => ({ x: seconds, y: npmi })
  const series = [
    ...trained.map(({ mark, label, points }) => ({
      mark,
      name: `gensim, ${label}`,
      points: points.map(pointOf),
    })),
    { mark: 'V', name: 'Vitrine, a fit of its own at each point', points: fitted.map(pointOf) },
  ]
  printPlot(series, { x: 'seconds', y: 'NPMI' })
  const file = process.env['BENCH_PLOT']
  if (file) {
    writeFileSync(file, svgPlot(series, { x: 'seconds of training', y: 'coherence (NPMI)' }))
  }
}

/** A generated corpus of two million tokens, for as long as the goal allows. */
async function fitLargeCorpus(): Promise<void> {
  const generated = asClips(
    generateCorpus({
      documents: 20_000,
      length: LARGE.tokens / 20_000,
      vocabulary: 5000,
      alpha: new Array<number>(K).fill(0.03),
      beta: 0.02,
      seed: 3,
    }),
  )
  console.log(
    `\n${figure(LARGE.tokens)} tokens generated under ${K} topics, ${figure(generated.length)} clips, ${LARGE.sweeps} sweeps:`,
  )
  const controller = new AbortController()
  const watched = engineContext(controller.signal)
  const params = { ...settings, iterations: LARGE.sweeps, maxDocumentShare: 1, documents: generated }
  const started = performance.now()
  const before = process.cpuUsage()
  const limit = setTimeout(() => controller.abort(), LARGE.goalSeconds * 1000)
  try {
    const { seconds, tokensPerSecond } = await fit(params, watched)
    const wholeSeconds = (performance.now() - started) / 1000
    console.log(
      `  ${figure(seconds, 1)} s, ${figure(tokensPerSecond / 1e6, 1)} million tokens a second; ${figure(wholeSeconds, 1)} s from captions to topics, ${figure(processorSeconds(before), 1)} s of processors`,
    )
    console.log(`Goal: less than ${LARGE.goalSeconds} s: reached.`)
  } catch (error) {
    if (!controller.signal.aborted) {
      throw error
    }
    const { done = NaN, total } = watched.reports.at(-1) ?? {}
    console.log(
      `  stopped after ${LARGE.goalSeconds} s, ${figure(processorSeconds(before), 1)} s of processors; all of it would have taken about ${figure((LARGE.goalSeconds * (total ?? NaN)) / done)} s (the first sweeps are the slowest)`,
    )
    console.log(`Goal: less than ${LARGE.goalSeconds} s: missed.`)
  } finally {
    clearTimeout(limit)
  }
}
