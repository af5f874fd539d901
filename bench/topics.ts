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
import { execFile, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { createInterface } from 'node:readline/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { printMachine } from './lib/machine.ts'
import { printPlot, svgPlot } from './lib/plot.ts'
import type { Series } from './lib/plot.ts'
import { figure, percent, printTable } from './lib/table.ts'
import { topicsRequest } from '#contract'
import type { EngineContext, EngineParams } from '../src-main/engine-host/contract/index.ts'
import { createPacer } from '../src-main/engine/pacer.ts'
import { coherence, meanOfDefined } from '../src-main/engine/topics/coherence.ts'
import { buildCorpus } from '../src-main/engine/topics/corpus.ts'
import { topicHandlers } from '../src-main/engine/topics/index.ts'
import { windowCoherence } from '../src-main/engine/topics/window-coherence.ts'
import { asClips, generateCorpus } from '../test/engine/topics/generate.ts'

const K = 100
const SWEEPS = [25, 50, 100, 200, 300, 500]
/** The fit that goals are about. */
const GOAL_SWEEPS = 300
const GOAL = { npmi: 0.128, tokensPerSecond: 12e6 }
const SEEDS = [1, 2, 3]
/** What each of gensim's settings may train for. */
const PEER_SECONDS = 20
const LARGE = { tokens: 2_000_000, sweeps: 500, goalSeconds: 120 }

const context: EngineContext = {
  signal: new AbortController().signal,
  progress: () => undefined,
  unpaused: () => Promise.resolve(),
}
const pause = createPacer(context.signal)
const fit = topicHandlers['topics.fit']
const settings = topicsRequest.parse({ k: K, minDocumentFrequency: 5, maxDocumentShare: 0.5 })

printMachine()
const { name, documents } = captions()
const corpus = await buildCorpus(documents, settings, pause)
console.log(
  `${name}: ${figure(documents.length)} clips, ${figure(corpus.words.length)} tokens of ${figure(corpus.vocabulary.length)} words, ${K} topics; seeds ${SEEDS.join(', ')}\n`,
)

const rows: string[][] = []
const own: { x: number; y: number }[] = []
let goal = { npmi: 0, tokensPerSecond: 0, seconds: 0 }
for (const iterations of SWEEPS) {
  const fits = []
  for (const seed of SEEDS) {
    const before = process.cpuUsage()
    const result = await fit({ ...settings, iterations, seed, documents }, context)
    const { user, system } = process.cpuUsage(before)
    fits.push({ ...result, processor: (user + system) / 1e6 })
  }
  const npmis = fits.map(({ npmi }) => npmi ?? NaN)
  const seconds = Math.min(...fits.map((result) => result.seconds))
  const tokensPerSecond = Math.max(...fits.map((result) => result.tokensPerSecond))
  const tops = fits[0]!.model.topics.map(({ counts }) => counts.slice(0, 10).map(({ word }) => word))
  rows.push([
    `Vitrine, ${iterations} sweeps`,
    figure(seconds, 1),
    figure(Math.min(...fits.map(({ processor }) => processor)), 1),
    figure(tokensPerSecond / 1e6, 1),
    figure(average(npmis), 3),
    `${figure(Math.min(...npmis), 3)} to ${figure(Math.max(...npmis), 3)}`,
    ...(await others(tops)),
  ])
  own.push({ x: seconds, y: average(npmis) })
  if (iterations === GOAL_SWEEPS) {
    goal = { npmi: average(npmis), tokensPerSecond, seconds }
  }
}

const peers = await gensim()
const series: Series[] = peers.map(({ mark, label, points }) => ({
  mark,
  name: `gensim, ${label}`,
  points: points.map(({ seconds, npmi }) => ({ x: seconds, y: npmi })),
}))
for (const { label, points, version } of peers) {
  const best = points.indexOf(points.reduce((one, other) => (other.npmi > one.npmi ? other : one)))
  for (const i of new Set([best, points.length - 1])) {
    const { seconds, npmi, tops } = points[i]!
    const passes = `${i + 1} ${i === 0 ? 'pass' : 'passes'}`
    rows.push([
      `gensim ${version}, ${label}, ${passes}`,
      figure(seconds, 1),
      figure(points[i]!.processor, 1),
      figure((corpus.words.length * (i + 1)) / seconds / 1e6, 2),
      figure(npmi, 3),
      '',
      ...(await others(tops)),
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
console.log(
  `\nGoal: NPMI ${GOAL.npmi} at ${GOAL.tokensPerSecond / 1e6} million tokens a second, ${GOAL_SWEEPS} sweeps: ${goal.npmi >= GOAL.npmi && goal.tokensPerSecond >= GOAL.tokensPerSecond ? 'reached' : 'missed'}, on one core.`,
)
for (const { label, points } of peers) {
  const [best, last] = [points.reduce((one, other) => (other.npmi > one.npmi ? other : one)), points.at(-1)!]
  const sooner = own.find(({ y }) => y >= best.npmi)
  const rate = goal.tokensPerSecond / ((corpus.words.length * points.length) / last.seconds)
  console.log(
    `Beside gensim, ${label}: ${figure(rate)} times the tokens a second. Its highest NPMI, ${figure(best.npmi, 3)}, it has after ${figure(best.seconds, 1)} s, Vitrine ` +
      `${sooner ? `after ${figure(sooner.x, 1)} s, ${figure(best.seconds / sooner.x, 1)} times as soon` : 'at no time'}.`,
  )
}
console.log()
const plotted = [...series, { mark: 'V', name: 'Vitrine, a fit of its own at each point', points: own }]
printPlot(plotted, { x: 'seconds', y: 'NPMI' })
if (process.env['BENCH_PLOT']) {
  writeFileSync(
    process.env['BENCH_PLOT'],
    svgPlot(plotted, { x: 'seconds of training', y: 'coherence (NPMI)' }),
  )
}
await large()

function captions(): { name: string; documents: EngineParams<'topics.fit'>['documents'] } {
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
  const clips = new Map<string, string[]>()
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [clip = '', caption] = line.split('\t')
    if (caption !== undefined) {
      clips.set(clip, [...(clips.get(clip) ?? []), caption])
    }
  }
  return {
    name: 'MSVD, training captions',
    documents: [...clips.values()].map((own, id) => ({ id, captions: own })),
  }
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** C_V of topics' top ten words, and the share of the words that are distinct. */
async function others(tops: readonly number[][]): Promise<string[]> {
  const cv = meanOfDefined(await windowCoherence(corpus, tops, pause))
  return [figure(cv ?? NaN, 3), percent(new Set(tops.flat()).size / tops.flat().length)]
}

interface Peer {
  mark: string
  label: string
  version: string
  /** One a pass. */
  points: { seconds: number; processor: number; npmi: number; tops: number[][] }[]
}

/**
 * gensim on the same tokens, with its own settings and with ones that suit; none where Debian's Python has no
 * gensim.
 */
async function gensim(): Promise<Peer[]> {
  const python = '/usr/bin/python3'
  const found = await promisify(execFile)(python, ['-c', 'import gensim']).then(
    () => true,
    () => false,
  )
  if (!found) {
    console.log('gensim is not installed: skipped (Debian: apt install python3-gensim).\n')
    return []
  }
  const tokens = documents.map((_, d) => [...corpus.words.subarray(corpus.starts[d], corpus.starts[d + 1])])
  const peers: Peer[] = []
  for (const { mark, label, name, asked } of [
    { mark: 'g', label: 'LdaModel as it comes', name: 'LdaModel', asked: {} },
    {
      mark: 'G',
      label: 'LdaModel, priors learnt, chunks of 100',
      name: 'LdaModel',
      asked: { alpha: 'auto', eta: 'auto', chunksize: 100 },
    },
    {
      mark: 'm',
      label: 'LdaMulticore, chunks of 100',
      name: 'LdaMulticore',
      asked: { eta: 'auto', chunksize: 100, workers: availableParallelism() },
    },
  ]) {
    const child = spawn(python, [fileURLToPath(new URL('peers/topics.py', import.meta.url))], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    child.stdin.end(
      JSON.stringify({
        documents: tokens,
        words: corpus.vocabulary.length,
        k: K,
        seconds: PEER_SECONDS,
        class: name,
        settings: asked,
      }),
    )
    const points: Peer['points'] = []
    let version = ''
    for await (const line of createInterface(child.stdout)) {
      const answer = JSON.parse(line) as
        { version: string } | { seconds: number; processor: number; tops: number[][] }
      if ('version' in answer) {
        version = answer.version
      } else {
        points.push({ ...answer, npmi: meanOfDefined(coherence(corpus, answer.tops)) ?? NaN })
      }
    }
    if (points.length === 0) {
      throw new Error('the gensim peer ended early')
    }
    peers.push({ mark, label, version, points })
  }
  return peers
}

/** A generated corpus of two million tokens, for as long as the goal allows. */
async function large(): Promise<void> {
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
  let tokens = 0
  let total = 0
  const started = performance.now()
  const before = process.cpuUsage()
  const asked = { ...settings, iterations: LARGE.sweeps, maxDocumentShare: 1, documents: generated }
  const limit = setTimeout(() => controller.abort(), LARGE.goalSeconds * 1000)
  try {
    const result = await fit(asked, {
      ...context,
      signal: controller.signal,
      progress: (progress) => {
        tokens = progress.done
        total = progress.total ?? 0
      },
    })
    const all = (performance.now() - started) / 1000
    const { user, system } = process.cpuUsage(before)
    console.log(
      `  ${figure(result.seconds, 1)} s, ${figure(result.tokensPerSecond / 1e6, 1)} million tokens a second; ${figure(all, 1)} s from captions to topics, ${figure((user + system) / 1e6, 1)} s of processors`,
    )
    console.log(`Goal: less than ${LARGE.goalSeconds} s: reached.`)
  } catch (error) {
    if (!controller.signal.aborted) {
      throw error
    }
    const { user, system } = process.cpuUsage(before)
    console.log(
      `  stopped after ${LARGE.goalSeconds} s, ${figure((user + system) / 1e6, 1)} s of processors; all of it would have taken about ${figure((LARGE.goalSeconds * total) / tokens)} s (the first sweeps are the slowest)`,
    )
    console.log(`Goal: less than ${LARGE.goalSeconds} s: missed.`)
  } finally {
    clearTimeout(limit)
  }
}
