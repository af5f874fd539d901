import Sqlite from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { captionerSettings, decoding } from '../../src-main/contract/index.ts'
import { openProject } from '../../src-main/store/index.ts'
import type { OpenProject } from '../../src-main/store/index.ts'
import { clip, temporaryProject, topics } from './folder.ts'

const everything = { search: '', split: null, offset: 0, limit: 100, featureKey: null }

describe('clips', () => {
  it('are found by the beginnings of words in name and captions, and by any part of the name', async () => {
    const { store } = await temporaryProject()
    store.clips.import([
      clip('video7012', ['A man plays the guitar', 'someone plays music']),
      clip('video_0133', ['A dog runs', 'Ein Hündchen läuft'], { split: 'test' }),
      clip('100%', []),
    ])
    const search = (text: string, split: 'test' | null = null) => store.clips.list({ ...everything, search: text, split }).rows.map(({ name }) => name)
    expect(search('')).toEqual(['100%', 'video7012', 'video_0133'])
    expect(search('play man')).toEqual(['video7012'])
    expect(search('hundchen')).toEqual(['video_0133'])
    expect(search('7012')).toEqual(['video7012'])
    expect(search('00%')).toEqual(['100%'])
    expect(search('"')).toEqual([])
    expect(search('video', 'test')).toEqual(['video_0133'])
    expect(search('man OR dog')).toEqual([])
  })

  it('come in pages with the total', async () => {
    const { store } = await temporaryProject()
    store.clips.import(Array.from({ length: 250 }, (_, i) => clip(`clip ${String(i).padStart(3, '0')}`, [`number ${i}`, 'second'])))
    const page = store.clips.list({ ...everything, search: 'clip', offset: 200, limit: 100 })
    expect([page.total, page.rows.length, page.rows[0]?.name]).toEqual([250, 50, 'clip 200'])
    expect(page.rows[0]).toMatchObject({ captionCount: 2, firstCaption: 'number 200', hasFeatures: false })
  })

  it('are brought up to date by a second import, which keeps ids and the reviewer’s captions', async () => {
    const { store } = await temporaryProject()
    expect(store.clips.import([clip('a', ['one', 'two']), clip('b', ['three'])])).toEqual({ added: 2, updated: 0 })
    const { id } = store.clips.byName('a')!
    store.clips.addCaption(id, 'reviewed', 'reviewer')
    const untouched = store.clips.captions(store.clips.byName('b')!.id)
    expect(store.clips.import([clip('a', ['one', 'new'], { split: 'val' }), clip('b', ['three'])])).toEqual({ added: 0, updated: 2 })
    expect(store.clips.get(id).split).toBe('val')
    expect(store.clips.captions(id).map(({ text }) => text).sort()).toEqual(['new', 'one', 'reviewed'])
    expect(store.clips.captions(store.clips.byName('b')!.id)).toEqual(untouched)
    expect(store.clips.list({ ...everything, search: 'two' }).total).toBe(0)
    expect(store.clips.list({ ...everything, search: 'reviewed' }).total).toBe(1)
    expect(store.clips.counts()).toEqual({ clips: 2, captions: 4, splits: { train: 1, val: 1, test: 0 } })
  })
})

describe('features', () => {
  it('belong to the content: a changed file has none, a copy shares them', async () => {
    const { store } = await temporaryProject()
    const feature = { key: 'k', contentHash: 'h1', path: 'features/h1.npy', frames: 2, dimension: 3, frameTimes: [0, 0.5], sha256: 's' }
    store.clips.import([clip('a', [], { contentHash: 'h1' }), clip('copy', [], { contentHash: 'h1' }), clip('text only', ['no file'])])
    const { id } = store.clips.byName('a')!
    expect(store.features.missing('k')).toHaveLength(2)
    store.features.put(feature)
    expect(store.features.forClip('k', id)).toEqual(feature)
    expect([store.features.count('k'), store.features.missing('k'), store.features.paths('k').length]).toEqual([2, [], 2])
    store.clips.import([clip('a', [], { contentHash: 'h2' })])
    expect([store.features.forClip('k', id), store.features.missing('k'), store.features.missing('other').length]).toEqual([null, [id], 2])
  })
})

describe('topics', () => {
  it('of a new run take the place of the old ones, whose ids live on', async () => {
    const { store } = await temporaryProject()
    store.clips.import([clip('a', []), clip('b', [])])
    const [a, b] = store.clips.all().map(({ id }) => id) as [number, number]
    const first = store.topics.replace(topics(['x', 'y'], [{ clipId: a, shares: [0.9, 0.1] }, { clipId: b, shares: [0.5, 0.5] }]))
    expect(store.topics.vectors([...first].reverse())).toEqual(new Map([[a, [1]], [b, [0, 1]]]))
    expect(store.topics.clearest(first[0]!, 4).map(({ clipId }) => clipId)).toEqual([a, b])
    const second = store.topics.replace(topics(['z', 'w'], [{ clipId: a, shares: [1, 0] }]))
    expect(first.includes(second[0]!)).toBe(false)
    expect(store.topics.current().map(({ label }) => label)).toEqual(['z', 'w'])
    expect(store.topics.get(first[0]!)).toMatchObject({ label: 'x', retired: true })
    expect(store.topics.vectors(first).size).toBe(2)
    expect(store.topics.ofClip(b)).toEqual([])
    expect(store.topics.run()?.request.k).toBe(2)
  })
})

/** A project with one clip, one topic and one model in training, made by job `jobId`. */
function withModel({ store }: OpenProject, jobId: number | null = null) {
  store.clips.import([clip('a', [])])
  const topicIds = store.topics.replace(topics(['x'], []))
  const model = store.models.add({
    parent: null, jobId, kind: 'interpretive', origin: 'trained', settings: captionerSettings.parse({}), seed: 1, topics: topicIds, featureKey: 'k', frames: 28,
  })
  return { clipId: store.clips.all()[0]!.id, topicId: topicIds[0]!, model }
}

describe('models and what they lead to', () => {
  it('come back as they were stored', async () => {
    const project = await temporaryProject()
    const { store } = project
    const { clipId, topicId, model } = withModel(project)
    const finished = store.models.finish(model.id, { state: 'ready', device: 'cpu', steps: 10, seconds: 2.5, neurons: 4, best: { step: 5, nll: 3, bleu4: 0.1, cider: 0.2 } })
    expect(store.models.list()).toEqual([finished])
    expect(finished.settings).toEqual(captionerSettings.parse({}))

    const points = [1, 2, 3].map((step) => ({ step, epoch: step / 10, loss: 3, nll: 2, topicLoss: 1, learningRate: 0.1, validation: null }))
    for (const point of points) expect(store.models.addPoint(model.id, point)).toBe(true)
    expect(store.models.addPoint(model.id, points[0]!)).toBe(false)
    expect(store.models.points(model.id)).toEqual(points)
    // A run that went back to a checkpoint writes its curve anew from there.
    const again = { ...points[1]!, loss: 2.5 }
    store.models.addPoint(model.id, again)
    expect(store.models.points(model.id)).toEqual([points[0], again])

    const caption = { clipId, decoding: decoding.parse({ nBest: 2 }), caption: 'a bird', logProbability: -2, words: [{ word: 'a', logProbability: -1, attention: [1] }], alternatives: [{ caption: 'a hen', logProbability: -3 }], cider: null, topics: [0.5] }
    store.captions.put(model.id, [caption])
    store.captions.put(model.id, [{ ...caption, cider: 0.5 }])
    expect(store.captions.all(model.id, 'train')).toEqual([{ ...caption, cider: 0.5 }])
    expect(store.captions.list({ modelId: model.id, split: 'train', order: 'risk', search: 'BIRD' })).toHaveLength(1)

    const neuron = { neuron: 0, part: 'feature' as const, topicId, delta: 0.5, runnerUpId: topicId, margin: 0.1, shuffled: 0.05, dead: false, polysemantic: true }
    const map = { request: { modelId: null, reference: 'zero' as const, videoSet: 'bearing' as const, shuffles: 5, seed: 1 }, shuffledBaseline: 0.1, meanDelta: 0.2, seconds: 1, neurons: [neuron] }
    store.neurons.put(model.id, map)
    store.neurons.put(model.id, map)
    expect(store.neurons.get(model.id)).toMatchObject(map)
  })

  it('list risky captions first: low CIDEr, then low probability per word, unscored last', async () => {
    const project = await temporaryProject()
    const { store } = project
    const { model } = withModel(project)
    store.clips.import(['b', 'c', 'd'].map((name) => clip(name, [])))
    const scored: [number | null, number, number][] = [[null, -9, 1], [0.5, -4, 4], [0.5, -4, 2], [0.1, -1, 1]]
    store.captions.put(model.id, store.clips.all().map(({ id }, i) => {
      const [cider, logProbability, words] = scored[i]!
      return { clipId: id, decoding: decoding.parse({}), caption: '', logProbability, cider, topics: [], alternatives: [], words: Array.from({ length: words }, () => ({ word: 'w', logProbability: 0, attention: [] })) }
    }))
    expect(store.captions.list({ modelId: model.id, split: 'train', order: 'risk', search: '' }).map(({ clip }) => clip)).toEqual(['d', 'c', 'b', 'a'])
  })

  it('a training whose job was cut off has stopped; jobs of a living process go on, those from before a restart do not', async () => {
    const project = await temporaryProject()
    const { store, folder } = project
    const jobId = store.jobs.add('train', 'Train', { seed: 1 })
    const { model } = withModel(project, jobId)
    store.jobs.save({ id: jobId, kind: 'train', title: 'Train', state: 'running', startedAt: '2026-01-01T00:00:00.000Z', progress: null, cancelling: false, pausable: false, paused: false })
    const learning = store.jobs.add('correct', 'Learn', {})
    const { id: corrected } = store.models.add({ ...model, jobId: learning, origin: 'corrected' })
    const [elsewhere, before] = [store.jobs.add('caption', 'Caption', {}), store.jobs.add('caption', 'Caption', {})]
    // The parent of this process lives and is not this process.
    const db = new Sqlite(`${folder}/project.sqlite`)
    db.prepare('UPDATE job SET process = ? WHERE id IN (?, ?)').run(process.ppid, elsewhere, before)
    db.prepare(`UPDATE job SET created_at = '2001-01-01T00:00:00.000Z' WHERE id = ?`).run(before)
    db.close()
    const again = openProject(folder)
    expect(again.store.jobs.get(jobId)).toEqual({ id: jobId, kind: 'train', title: 'Train', state: 'interrupted', startedAt: '2026-01-01T00:00:00.000Z' })
    expect(again.store.jobs.params(jobId)).toEqual({ seed: 1 })
    expect(again.store.models.get(model.id).state).toBe('stopped')
    expect(again.store.models.get(corrected).state).toBe('failed')
    expect([learning, elsewhere, before].map((id) => again.store.jobs.get(id)?.state)).toEqual(['interrupted', 'queued', 'interrupted'])
    const resumed = again.store.jobs.add('train', 'Resume', {})
    expect([1, 2].map(() => again.store.models.resume(model.id, resumed))).toEqual([true, false])
    expect(again.store.models.get(model.id)).toMatchObject({ state: 'training', jobId: resumed, note: '' })
    again.close()
  })
})
