/** The exit codes of the command line and its JSON keys. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { createProgram, TINY } from './program.ts'
import type { Program } from './program.ts'

let program: Program
let folder: string
let project: string
let sample: string
const vitrine: Program['vitrine'] = (...args) => program.vitrine(...args)
const json: Program['json'] = (...args) => program.json(...args)
const keys = (value: unknown) => Object.keys(value as object)
const METRICS = ['BLEU_1', 'BLEU_2', 'BLEU_3', 'BLEU_4', 'ROUGE_L', 'CIDEr', 'METEOR']

beforeAll(async () => {
  program = await createProgram()
  folder = program.folder
  project = join(folder, 'p.vitrine')
  sample = join(folder, 'sample')
  return () => program.remove()
})

describe('a wrong command line', () => {
  test.each([
    [[], 2, ''],
    [['nonsense'], 2, 'there is no command "nonsense"'],
    [['train'], 2, 'PROJECT is missing'],
    [['train', 'a.vitrine', '--epoch', '3'], 2, '--epoch'],
    [['train', 'a.vitrine', '--epochs', 'many'], 2, '--epochs takes a number, not "many"'],
    [['train', 'a.vitrine', '--resume', '--epochs', '3'], 2, "--epochs can't be given with it"],
    [['train', 'a.vitrine', '--model', '1'], 2, '--model goes with --resume'],
    [
      ['train', 'a.vitrine', '--kind', 'best'],
      2,
      '--kind is one of interpretive, baseline, random-topics, not "best"',
    ],
    [['caption', 'a.vitrine', '--greedy', '--sample'], 2, '--greedy and --sample exclude each other'],
    [['caption', 'a.vitrine', '--temperature', '2'], 2, '--temperature is for --sample'],
    [
      ['caption', 'a.vitrine', '--beam', '3', '--n-best', '4'],
      2,
      '--n-best: A beam of 3 finds 3 captions a clip; a list of 4 needs a wider beam',
    ],
    [['import', 'a.vitrine', '--captions', 'x', '--split', '0.5,0.5'], 2, '--split takes three shares'],
    [['new', 'a.vitrine', 'b.vitrine'], 2, '"b.vitrine" is one argument too many'],
    [['evaluate', 'nowhere.vitrine'], 1, 'nowhere.vitrine does not exist'],
  ])('%j ends with %i', async (args, code, message) => {
    const ran = await vitrine(...args)
    expect(ran.code).toBe(code)
    expect(ran.err).toContain(message)
    expect(ran.err.trim().split('\n')).toHaveLength(1)
  })

  test('help is on standard output, for all and for each', async () => {
    expect(await vitrine('--help')).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringContaining('correct PROJECT'),
    })
    expect(await vitrine('correct', '--help')).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringContaining('--add-topic ID'),
    })
  })
})

describe('score', () => {
  const files = {
    'hyp.txt': 'a\ta dog runs\nb\ta cat sits\n',
    'ref.txt': 'a\ta dog runs fast\na\tthe dog runs\nb\ta cat sits\n',
    'hyp.json': '{"a": "a dog runs", "b": ["a cat sits"]}',
    'ref.json': '{"a": ["a dog runs fast", "the dog runs"], "b": "a cat sits"}',
    'hyp.coco.json':
      '[{"image_id": "a", "caption": "a dog runs"}, {"image_id": "b", "caption": "a cat sits"}]',
    'ref.coco.json':
      '{"images": [], "annotations": [{"image_id": "a", "id": 1, "caption": "a dog runs fast"}, {"image_id": "a", "caption": "the dog runs"}, {"image_id": "b", "caption": "a cat sits"}]}',
  }
  beforeAll(async () => {
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(folder, name), text)
    }
  })

  test('every format gives the same figures', async () => {
    const results = await Promise.all(
      [
        ['hyp.txt', 'ref.coco.json'],
        ['hyp.json', 'ref.txt'],
        ['hyp.coco.json', 'ref.json'],
      ].map(([hypotheses = '', references = '']) =>
        json('score', '--hypotheses', hypotheses, '--references', references),
      ),
    )
    expect(results[0]).toMatchObject({ captions: [{ id: 'a' }, { id: 'b' }] })
    expect(keys(results[0]?.['metrics'])).toEqual(METRICS)
    expect(results[1]).toEqual(results[0])
    expect(results[2]).toEqual(results[0])
  })

  test('errors name file and line', async () => {
    await writeFile(join(folder, 'bad.txt'), 'a\tone\nb two\n')
    const { code, err } = await vitrine('score', '--hypotheses', 'bad.txt', '--references', 'ref.txt')
    expect([code, err]).toEqual([1, expect.stringContaining('vitrine: bad.txt line 2: "b two" has no tab')])
  })
})

describe('a project from the command line', () => {
  test('all commands, with the keys that scripts rely on', async () => {
    await json('sample', sample, '--videos', '8', '--seed', '3')
    await json('new', project)
    const imported = await json(
      'import',
      project,
      '--videos',
      join(sample, 'clips'),
      '--captions',
      join(sample, 'captions.tsv'),
      '--split',
      '0.5,0.25,0.25',
    )
    expect(imported).toMatchObject({ clips: 8, added: 8, known: 0, notices: [], dryRun: false })
    expect(await json('clips', project, '--search', 'clip0001')).toMatchObject({
      total: 1,
      clips: [{ video: 'clip0001', kind: 'video', start: null, hasFeatures: false }],
    })
    await writeFile(join(folder, 'more.tsv'), 'clip0001\tone more\nghost\tof nobody\n')
    const more = ['import', project, '--captions', 'more.tsv']
    const sentence = '0 clips new, 1 known, 1 caption added, 0 removed, 1 line matches no clip'
    expect(await json(...more, '--dry-run')).toMatchObject({
      captions: imported['captions'],
      captionsAdded: 1,
      linesUnmatched: 1,
      sentence,
      dryRun: true,
    })
    const { out: preview } = await vitrine(...more, '--dry-run')
    expect(preview).toContain('Lines that match no clip (1): ghost (line 2)')
    expect(await json(...more)).toMatchObject({ captions: Number(imported['captions']) + 1, sentence })
    expect(await json('undo', project)).toMatchObject({ undone: 'import 1 caption' })
    expect(await json('features', project, '--frames', '4', '--grid', '1')).toMatchObject({
      withFeatures: 8,
    })

    const topics = await json('topics', project, '-k', '3', '--iterations', '20', '--min-documents', '1')
    expect(topics).toMatchObject({ k: 3, documents: 4, from: 'train', stale: [] })
    for (const key of ['tokens', 'sweeps', 'seconds', 'tokensPerSecond', 'npmi']) {
      expect(topics).toHaveProperty(key)
    }
    const [topic] = topics['topics'] as { id: number }[]
    expect(keys(topic)).toEqual([
      'id',
      'label',
      'labelled',
      'state',
      'words',
      'npmi',
      'size',
      'videos',
      'movedVideos',
    ])

    const trained = await json('train', project, ...TINY, '--epochs', '2')
    expect(keys(trained)).toEqual([
      'model',
      'kind',
      'device',
      'steps',
      'captionsPerSecond',
      'best',
      'seconds',
    ])
    expect(trained).toMatchObject({
      model: 1,
      kind: 'interpretive',
      device: 'cpu',
      best: { step: expect.any(Number) },
    })

    const captions = await json('caption', project, '--beam', '3', '--n-best', '2')
    const [first] = captions['captions'] as { video: string; alternatives: unknown[] }[]
    expect(keys(first)).toEqual(['video', 'caption', 'logProbability', 'alternatives'])
    expect(first?.alternatives.map(keys)).toEqual([['caption', 'logProbability']])
    const evaluation = await json('evaluate', project)
    expect(keys(evaluation)).toEqual([
      'model',
      'split',
      'captions',
      'metrics',
      'fixedCaption',
      'topics',
      'intervals',
      'tainted',
      'topicsFromAllClips',
    ])
    expect(keys(evaluation['intervals'])).toEqual(METRICS)
    expect(keys(evaluation['metrics'])).toEqual(METRICS)

    const neurons = await json('neurons', project, '--topic', String(topic?.id))
    expect(keys(neurons)).toEqual([
      'model',
      'createdAt',
      'trainingClips',
      'shuffledBaseline',
      'alignment',
      'overTime',
      'neurons',
    ])
    const [neuron] = (await json('neurons', project))['neurons'] as object[]
    expect(keys(neuron)).toEqual([
      'neuron',
      'topic',
      'delta',
      'runnerUp',
      'margin',
      'shuffled',
      'dead',
      'polysemantic',
      'alignment',
    ])

    // What moving a topic does to so small a model depends on chance; any caption in words that it knows can
    // be asked for.
    const words = ['correct', project, '--video', first?.video ?? '']
    const shown = await json(...words, '--add-topic', String(topic?.id))
    const learnt = await json(...words, '--caption', 'a', '--accept')
    expect(keys(learnt)).toEqual([
      'model',
      'parent',
      'video',
      'before',
      'intervened',
      'after',
      'learnt',
      'corrections',
      'changed',
      'metrics',
      'topics',
      'similar',
      'shown',
    ])
    expect(keys(shown)).toEqual([
      'model',
      'parent',
      'video',
      'before',
      'intervened',
      'after',
      'changed',
      'metrics',
    ])
    expect(learnt).toMatchObject({ model: 2, parent: 1, before: shown['before'], intervened: 'a' })
    expect(keys((learnt['metrics'] as object[])[0])).toEqual([
      'metric',
      'a',
      'b',
      'difference',
      'low',
      'high',
      'p',
    ])

    expect(keys(await json('actions', project, '--clips', join(sample, 'actions'), '--folds', '2'))).toEqual([
      'classes',
      'folds',
      'accuracy',
      'division',
      'repeats',
      'clips',
      'groups',
      'sources',
      'comparisons',
      'pairs',
    ])
    expect(await json('export', project, '--what', 'topics', '--to', 'exported')).toMatchObject({
      what: 'topics',
      to: join(folder, 'exported'),
    })

    const [into, merged] = topics['topics'] as { id: number; label: string }[]
    expect(await vitrine('remap', project)).toMatchObject({
      code: 1,
      err: expect.stringContaining("has the project's topics already"),
    })
    await json('curate', project, 'merge', String(into?.id), String(merged?.id))
    expect((await json('models', project))['models']).toMatchObject([
      { id: 2, stale: expect.arrayContaining([`Merged: "${merged?.label}" → "${into?.label}".`]) },
      { id: 1 },
    ])
    expect((await vitrine('models', project)).out).toContain('ready (stale)')
    const remapped = await json('remap', project)
    expect(keys(remapped)).toEqual(keys(trained))
    expect(await json('refine', project, '--model', '1', '--epochs', '1')).toMatchObject({
      model: 4,
      kind: 'interpretive',
    })
    expect((await json('models', project))['models']).toMatchObject([
      { id: 4, origin: 'refined', stale: [] },
      { id: 3, origin: 'remapped', current: true },
      { id: 2 },
      { id: 1 },
    ])
  })
})
