/**
 * Every query declares the tables that it reads, and the window asks again by that: what each really reads,
 * as SQLite compiled its statements, must be what it says. And what the commonest edits make the window ask
 * for again.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import type { Database, Statement } from 'better-sqlite3'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { BUILT_IN_ENCODER } from '#contract'
import { readsOf } from '../../src-main/project/service.ts'
import { compiledTables } from '../../src-main/store/compiled-tables.ts'
import type { SqlValue } from '../../src-main/store/sql.ts'
import { createWorkbench, TINY } from './workbench.ts'
import type { Workbench } from './workbench.ts'

/** The tables of the statements that have read since the last `begin`. */
const recorder = recordReads()
let bench: Workbench
let modelIds: number[]
let clipId: number
let testClips: number[]
let topicId: number

beforeAll(async () => {
  bench = await createWorkbench()
  await bench.openPrepared('topics')
  const { client } = bench
  const trained = await bench.finished(
    await client.training.train({ settings: { ...TINY, epochs: 2 }, seeds: 2 }),
  )
  modelIds = trained.result?.kind === 'train' ? trained.result.modelIds : []
  for (const modelId of modelIds) {
    await bench.finished(await client.neurons.interpret({ modelId, shuffles: 1 }))
    await bench.finished(await client.review.generate({ modelId, split: 'test' }))
  }
  const { rows } = await client.corpus.clips({ split: 'test' })
  testClips = rows.map(({ id }) => id)
  clipId = testClips[0] ?? 0
  topicId = (await client.topics.list()).topics[0]?.id ?? 0
  await client.topics.takeSnapshot({ name: 'before' })
  await client.topics.edit({ edit: 'describe', topicId, description: 'edited' })
  const [learntClip] = (await client.corpus.clips({ split: 'train' })).rows
  const typed = (await client.corpus.clip({ clipId: learntClip?.id ?? 0 })).captions[0]?.text ?? ''
  await client.corrections.enqueue({ modelId: modelIds[0] ?? 0, clipId, typed })
  const learnt = await bench.finished(await client.corrections.learn({}))
  modelIds.push(learnt.result?.kind === 'correct' ? learnt.result.modelId : 0)
  await client.corrections.accept({ modelId: modelIds[2] ?? 0 })
  modelIds.push(await importExternal())
  keepComparison()
  keepSweep()
  return bench.close
})
afterAll(() => {
  recorder.stop()
})

/** A model of another system, which says one thing of a clip. */
async function importExternal(): Promise<number> {
  const path = join(bench.folder, 'external.csv')
  await writeFile(path, `clip,caption\n${bench.app.project().store.clips.get(clipId).name},a red ball\n`)
  const { result } = await bench.finished(await bench.client.training.importModel({ path, name: 'external' }))
  return result?.kind === 'modelImport' ? result.modelId : 0
}

/** A sweep of one run, whose model is there. */
function keepSweep(): void {
  const { sweeps, models } = bench.app.project().store
  const { inputs, featureKey, topics, settings, seed } = models.get(modelIds[0] ?? 0)
  const sweepId = sweeps.add({ inputs: inputs!, featureKey: featureKey ?? '', topics, device: 'cpu' }, [
    { kind: 'interpretive', settings, seed },
  ])
  sweeps.setModel(sweepId, 0, modelIds[0] ?? 0)
}

/** A comparison of features for actions, of one clip that was taken for another class. */
function keepComparison(): void {
  const estimate = { value: 0, low: 0, high: 0 }
  bench.app.project().store.actions.add(
    {
      source: '/clips',
      clips: 1,
      groups: 1,
      classes: ['a', 'b'],
      division: 'folds',
      folds: 2,
      repeats: 1,
      pairs: [],
      sources: [
        {
          of: 'neurons',
          modelId: modelIds[0] ?? 0,
          kind: 'interpretive',
          size: 1,
          accuracy: estimate,
          macroF1: estimate,
          logLoss: 1,
          perClass: [],
          confusion: [],
          reliability: [],
          calibrationError: 0,
          pairs: [],
          strengths: [1],
          leaning: null,
        },
      ],
      comparisons: [],
      createdAt: new Date(0).toISOString(),
    },
    [
      {
        name: 'taken',
        class: 0,
        group: 'taken',
        clipId,
        content: 'content',
        corpusClass: 'a',
        answers: [{ predicted: 1, confidence: 0.9, ofTruth: 0.1, because: [{ feature: 0, weight: 1 }] }],
      },
    ],
    [],
  )
}

/** A question to every query, under its path. */
const questions = (): Record<string, () => Promise<unknown>> => {
  const { client } = bench
  const [modelId = 0, otherModel = 0, version = 0, external = 0] = modelIds
  /** All that clips can be filtered by. */
  const filters = (['people', 'model', 'caption'] as const).map((by) => ({
    where: { topic: { topicId, by }, tag: 'odd', score: { least: 0 }, differ: true },
    verdict: 'none' as const,
    order: 'captions' as const,
    otherModel,
  }))
  return {
    'project.recent': () => client.project.recent(),
    'project.summary': () => client.project.summary(),
    'project.edits': () => client.project.edits(),
    'project.history': () => client.project.history({}),
    'project.who': () => client.project.who(),
    'project.savedViews': () => client.project.savedViews(),
    'corpus.captionFormats': () => client.corpus.captionFormats(),
    'corpus.clips': () =>
      Promise.all(filters.map((filter) => client.corpus.clips({ ...filter, search: 'red' }))),
    'corpus.clipIds': () => Promise.all(filters.map((filter) => client.corpus.clipIds(filter))),
    'corpus.clipCounts': () => Promise.all(filters.map((filter) => client.corpus.clipCounts(filter))),
    'corpus.tags': () => client.corpus.tags(),
    'corpus.clip': () => client.corpus.clip({ modelId, clipId }),
    'corpus.languages': () => client.corpus.languages(),
    'corpus.imports': () => client.corpus.imports(),
    'corpus.estimateFeatures': () => client.corpus.estimateFeatures({}),
    'corpus.featureSets': () => client.corpus.featureSets(),
    'corpus.findings': () => client.corpus.findings({}),
    'encoders.list': () => client.encoders.list(),
    'encoders.lastTest': () => client.encoders.lastTest({ id: BUILT_IN_ENCODER }),
    'encoders.downloads': () => client.encoders.downloads(),
    'topics.fitted': () => client.topics.fitted(),
    'topics.lastSweep': () => client.topics.lastSweep(),
    'topics.list': () => client.topics.list(),
    'topics.detail': () => client.topics.detail({ topicId }),
    'topics.clips': () => client.topics.clips({ topicId }),
    'topics.map': () => client.topics.map(),
    'topics.histogram': () => client.topics.histogram({ topicsPerClip: 3, minShare: 0.1 }),
    'topics.find': () => client.topics.find({ text: 'red' }),
    'topics.snapshots': () => client.topics.snapshots(),
    'topics.compareSnapshot': () => client.topics.compareSnapshot({ snapshotId: 1 }),
    'training.models': () => client.training.models(),
    'training.model': () => client.training.model({ modelId }),
    'training.presets': () => client.training.presets({}),
    'training.curve': () => client.training.curve({ modelId }),
    'training.figures': () => client.training.figures({ modelId }),
    'training.findTopic': () => client.training.findTopic({ modelId, topic: String(topicId) }),
    'training.series': () => client.training.series({ series: modelId }),
    'training.trash': () => client.training.trash(),
    'training.runs': () => client.training.runs(),
    'sweeps.list': () => client.sweeps.list(),
    'sweeps.get': () => client.sweeps.get({ sweepId: 1 }),
    'training.compare': () => client.training.compare({ a: modelId, b: otherModel, samples: 100 }),
    'steps.plan': () => client.steps.plan({}),
    'review.list': () =>
      Promise.all(filters.map(({ where }) => client.review.list({ modelId, otherModel, where }))),
    'review.progress': () =>
      client.review.progress({ modelId, split: 'test', since: new Date(0).toISOString() }),
    'review.agreement': () => client.review.agreement({ modelId, split: 'test' }),
    'review.clipIds': () =>
      Promise.all(filters.map(({ where }) => client.review.clipIds({ modelId, otherModel, where }))),
    'review.nextUnjudged': () =>
      Promise.all(
        filters.map(({ where }) =>
          client.review.nextUnjudged({ modelId, otherModel, where, around: clipId }),
        ),
      ),
    // People's captions are read where a caption names a topic that its clip does not bear: in some.
    'review.clip': () => Promise.all(testClips.map((id) => client.review.clip({ modelId, clipId: id }))),
    'review.metrics': () => client.review.metrics({ modelId, clipId }),
    'review.strip': () => client.review.strip({ modelId, clipId }),
    'review.alternatives': () => client.review.alternatives({ modelId, split: 'test' }),
    'review.ciders': () =>
      Promise.all(
        [modelId, external].map((id) =>
          client.review.ciders({
            modelId: id,
            split: 'test',
            hypotheses: [{ clipId, caption: 'a red ball' }],
          }),
        ),
      ),
    'review.confusions': () => client.review.confusions({ modelId, split: 'test' }),
    'neurons.map': () => client.neurons.map({ modelId }),
    'neurons.matrix': () => client.neurons.matrix({ modelId }),
    'neurons.neuron': () => client.neurons.neuron({ modelId, neuron: 0 }),
    'neurons.stability': () => client.neurons.stability({ modelId }),
    'neurons.words': () => client.neurons.words({ modelId, neurons: [0] }),
    'neurons.silence': () => client.neurons.silence({ modelId, topicId, neurons: [0] }),
    'corrections.preview': () =>
      client.corrections.preview({ modelId, clipId, topics: [{ topicId, strength: 1 }] }),
    'corrections.previewAll': () =>
      client.corrections.previewAll({ modelId, split: 'test', topics: [{ topicId, strength: 1 }] }),
    'corrections.carried': () =>
      client.corrections.carried({
        modelId,
        corrections: [
          { clipId, topics: [{ topicId, strength: 1 }] },
          { clipId, typed: 'a blue star' },
        ],
      }),
    'corrections.read': () => client.corrections.read({ modelId, clipId, caption: 'a blue star' }),
    'corrections.suggest': () => client.corrections.suggest({ modelId, clipId }),
    'corrections.list': () => client.corrections.list(),
    'corrections.version': () => client.corrections.version({ modelId: version }),
    'corrections.report': () => client.corrections.report({}),
    'corrections.regressions': () => client.corrections.regressions(),
    'actions.results': () => client.actions.results(),
    'actions.clips': () => client.actions.clips({ id: 1 }),
    'actions.reasons': () => client.actions.reasons({ id: 1, source: 0, name: 'taken' }),
    'exports.captionFormats': () => client.exports.captionFormats(),
    'exports.last': () => client.exports.last(),
    'storage.backups': () => client.storage.backups({}),
    'storage.report': () => client.storage.report(),
  }
}

/** What hides rows of clips and captions: an undone import, and the language that the project works in. */
const HIDING = new Set(['import', 'working_language'])

/**
 * Whoever reads clips or captions is told of what hides them too, though one that asks for a row by its id does
 * not read that.
 */
const withoutHiding = (tables: string[]): string[] =>
  tables.some((table) => table === 'clip' || table === 'caption')
    ? tables.filter((table) => !HIDING.has(table))
    : tables

const mapValues = <Value>(record: Record<string, Value>, change: (value: Value) => Value) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))

describe('queries', () => {
  it('read the tables that they declare', { timeout: 120_000 }, async () => {
    const declared: Record<string, string[]> = {}
    for (const [noun, service] of Object.entries(bench.app.services)) {
      for (const [name, procedure] of Object.entries(service as Record<string, unknown>)) {
        if (typeof procedure === 'function' && 'reads' in procedure) {
          declared[`${noun}.${name}`] = [...readsOf(procedure)].sort()
        }
      }
    }
    const actual: Record<string, string[]> = {}
    const { folder } = bench.app.project()
    for (const [path, ask] of Object.entries(questions())) {
      // What was asked for so far may be remembered: a new opening remembers nothing.
      await bench.client.project.close()
      await bench.client.project.open({ path: folder })
      recorder.begin()
      await ask()
      actual[path] = recorder.end()
    }
    expect(mapValues(actual, withoutHiding)).toEqual(mapValues(declared, withoutHiding))
  })
})

describe('an edit makes the window ask again', () => {
  // Changes that come close together are told at most every 100 ms: what came before the test is told by then.
  beforeEach(async () => {
    await setTimeout(250)
  })
  /** The queries that main tells of while `act` makes its edit. */
  const changedBy = async (act: () => Promise<unknown>): Promise<string[]> => {
    const queries: string[] = []
    const stop = bench.app.events.subscribe((event) => {
      if (event.type === 'changed') {
        queries.push(...(event.queries ?? ['all']))
      }
    })
    await act()
    await setTimeout(250)
    stop()
    return queries.sort()
  }
  const EVERY_EDIT = ['project.edits', 'project.history', 'project.summary']

  it('after a verdict: the queue and the clip, not the topics, models or neurons', async () => {
    const [modelId = 0] = modelIds
    const judge = () => bench.client.review.judge({ modelId, clipIds: [clipId], verdict: 'right' })
    expect(await changedBy(judge)).toEqual([
      'corpus.clipCounts',
      'corpus.clipIds',
      'corpus.clips',
      ...EVERY_EDIT,
      'review.agreement',
      'review.clip',
      'review.clipIds',
      'review.list',
      'review.nextUnjudged',
      'review.progress',
    ])
    // The same verdict again changes nothing.
    expect(await changedBy(judge)).toEqual([])
  })

  it('after a typed caption: what people say of clips, and what rests on it', async () => {
    const text = 'a caption that nobody has written yet'
    expect(await changedBy(() => bench.client.corpus.addCaption({ clipId, text }))).toEqual([
      'corpus.clip',
      'corpus.clipIds',
      'corpus.clips',
      'corpus.findings',
      'corpus.languages',
      'corrections.carried',
      'corrections.previewAll',
      'corrections.suggest',
      'neurons.neuron',
      ...EVERY_EDIT,
      'review.ciders',
      'review.clip',
      'review.clipIds',
      'review.confusions',
      'review.list',
      'review.metrics',
      'review.nextUnjudged',
      'steps.plan',
      'topics.clips',
      'topics.fitted',
      'training.compare',
      'training.presets',
    ])
  })

  it('after a merge of topics: what knows topics', async () => {
    const { topics } = await bench.client.topics.list()
    const [into = 0, merged = 0] = topics.map(({ id }) => id)
    expect(
      await changedBy(() => bench.client.topics.edit({ edit: 'merge', topicIds: [merged], into })),
    ).toEqual([
      'corpus.clip',
      'corpus.clipCounts',
      'corpus.clipIds',
      'corpus.clips',
      'corrections.carried',
      'corrections.read',
      'corrections.suggest',
      'neurons.map',
      'neurons.neuron',
      'neurons.silence',
      ...EVERY_EDIT,
      'review.clip',
      'review.clipIds',
      'review.list',
      'review.nextUnjudged',
      'review.strip',
      'steps.plan',
      'topics.clips',
      'topics.compareSnapshot',
      'topics.detail',
      'topics.find',
      'topics.histogram',
      'topics.list',
      'topics.map',
      'training.findTopic',
      'training.model',
      'training.models',
    ])
  })

  it('never for what is rolled back', async () => {
    const gone = { modelId: modelIds[0] ?? 0, neuron: 99_999, judgement: null }
    expect(await changedBy(() => bench.client.neurons.judge(gone).catch(() => undefined))).toEqual([])
  })
})

/** Notes which tables any connection of this process reads. */
function recordReads() {
  const prepare = Sqlite.prototype.prepare
  let tables = new Set<string>()
  const note = (db: Database, text: string, values: readonly SqlValue[]): void => {
    if (!/^\s*(PRAGMA|EXPLAIN)/i.test(text) && !text.includes('sqlite_schema')) {
      compiledTables(db, text, values).read.forEach((table) => tables.add(table))
    }
  }
  Sqlite.prototype.prepare = function (this: Database, text: string) {
    const statement = prepare.call(this, text) as Statement<SqlValue[]>
    const all = statement.all.bind(statement)
    const get = statement.get.bind(statement)
    statement.all = (...values) => {
      note(this, text, values)
      return all(...values)
    }
    statement.get = (...values) => {
      note(this, text, values)
      return get(...values)
    }
    return statement
  } as typeof prepare
  return {
    begin(): void {
      tables = new Set()
    },
    end: (): string[] => [...tables].sort(),
    stop(): void {
      Sqlite.prototype.prepare = prepare
    },
  }
}
