import { describe, expect, it, onTestFinished } from 'vitest'
import { captionerSettings, decoding } from '#contract'
import { applyChange } from '../../src-main/store/project/changes.ts'
import { NO_MEDIA, openProject } from '../../src-main/store/index.ts'
import type { OpenProject } from '../../src-main/store/index.ts'
import { state } from './script.ts'
import { clip, findTopics, foundTopics, temporaryProject, foundBy } from './folder.ts'

describe('clips', () => {
  it('are found by the beginnings of words in name and captions, and by any part of the name', async () => {
    const { store } = await temporaryProject()
    store.clips.add([
      clip('video7012', ['A man plays the guitar', 'someone plays music']),
      clip('video_0133', ['A dog runs', 'Ein Hündchen läuft'], { split: 'test' }),
      clip('100%', []),
    ])
    const search = (text: string, split: 'test' | null = null) =>
      store.clips.list(foundBy(text, split)).rows.map(({ name }) => name)
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
    store.clips.add(
      Array.from({ length: 250 }, (_, i) =>
        clip(`clip ${String(i).padStart(3, '0')}`, [`number ${i}`, 'second']),
      ),
    )
    const page = store.clips.list({ ...foundBy('clip'), offset: 200 })
    expect([page.total, page.rows.length, page.rows[0]?.name]).toEqual([250, 50, 'clip 200'])
    expect(page.rows[0]).toMatchObject({ captionCount: 2, firstCaption: 'number 200', hasFeatures: false })
  })
})

describe('features', () => {
  it('belong to the content: a changed file has none, a copy shares them', async () => {
    const { store } = await temporaryProject()
    const feature = {
      key: 'k',
      contentHash: 'h1',
      path: 'features/h1.npy',
      frames: 2,
      dimension: 3,
      frameTimes: [0, 0.5],
      sha256: 's',
      size: 152,
      modified: 17,
    }
    store.clips.add([
      clip('a', [], { contentHash: 'h1' }),
      clip('copy', [], { contentHash: 'h1' }),
      clip('text only', ['no file']),
    ])
    const { id } = store.clips.byName('a')!
    expect(store.features.missing('k')).toHaveLength(2)
    store.features.put(feature)
    expect(store.features.get('k', 'h1')).toEqual(feature)
    expect(store.features.forClip('k', id)).toEqual({
      frames: 2,
      cells: 1,
      dimension: 3,
      frameTimes: [0, 0.5],
      areTimesGiven: false,
      parts: [{ path: feature.path, sha256: 's', rows: null }],
    })
    expect([
      store.features.count('k'),
      store.features.missing('k'),
      store.features.paths('k').length,
    ]).toEqual([2, [], 2])
    store.clips.setMedia(store.clips.byName('a')!.id, { ...NO_MEDIA, contentHash: 'h2' })
    expect([
      store.features.forClip('k', id),
      store.features.missing('k'),
      store.features.missing('other').length,
    ]).toEqual([null, [id], 2])
  })
})

describe('topics', () => {
  it('that are stored bit by bit are seen by nobody, and leave nothing when they are thrown away', async () => {
    const { store } = await temporaryProject()
    store.clips.add(Array.from({ length: 12_000 }, (_, i) => clip(`clip ${i}`, [])))
    const clips = store.clips.all().map(({ id: clipId }) => ({ clipId, shares: [0.6, 0.4] }))
    const [kept = 0] = findTopics({ store }, ['x', 'y'], clips)
    const before = state({ store })
    const words = foundTopics(['p', 'q'], clips)
    const storePart = store.topics.stageRun({ ...words, topics: [{ id: kept }, words.topics[1]!] })
    let parts = 0
    while (storePart() === null) {
      parts++
    }
    expect(parts).toBeGreaterThan(1)
    expect(store.topics.settled().map(({ label }) => label)).toEqual(['x', 'y'])
    expect(store.topics.stagedRun()).toBe(2)
    while (store.topics.discardRun(2)) {
      expect(store.topics.stagedRun()).toBe(2)
    }
    expect([store.topics.stagedRun(), state({ store })]).toEqual([null, before])
  })

  it('of a new run take the place of the old ones, whose ids live on', async () => {
    const { store } = await temporaryProject()
    store.clips.add([clip('a', []), clip('b', [])])
    const [a, b] = store.clips.all().map(({ id }) => id) as [number, number]
    const first = findTopics(
      { store },
      ['x', 'y'],
      [
        { clipId: a, shares: [0.96, 0.04] },
        { clipId: b, shares: [0.5, 0.5] },
      ],
    )
    expect(store.topics.vectors([...first].reverse())).toEqual(
      new Map([
        [a, [1]],
        [b, [0, 1]],
      ]),
    )
    expect(store.topics.clearest(first[0]!, 4).map(({ id }) => id)).toEqual([a, b])
    const second = findTopics({ store }, ['z', 'w'], [{ clipId: a, shares: [1, 0] }])
    expect(first.includes(second[0]!)).toBe(false)
    expect(store.topics.current().map(({ label }) => label)).toEqual(['z', 'w'])
    expect(store.topics.get(first[0]!)).toMatchObject({ label: 'x', state: 'replaced' })
    expect(store.topics.vectors(first).size).toBe(2)
    expect(store.topics.ofClip(b)).toEqual([])
    expect(store.topics.run()?.request.k).toBe(2)
  })

  it('have the probabilities of their counts, and words by prefix', async () => {
    const { store } = await temporaryProject()
    const [x, y] = findTopics({ store }, ['run', 'rush'], []) as [number, number]
    applyChange(store, {
      kind: 'topic.words',
      topicId: x,
      words: [
        { word: 'rush', value: { count: 5, mark: null } },
        { word: 'sun', value: { count: 9, mark: 'forbidden' } },
      ],
    })
    // Fifteen tokens, and a hundredth for each of two words.
    expect(store.topics.get(x).words).toEqual([
      { word: 'run', p: 10.01 / 15.02 },
      { word: 'rush', p: 5.01 / 15.02 },
    ])
    expect(store.topics.withPrefix('ru', 1)).toEqual([
      { topicId: x, words: ['run'] },
      { topicId: y, words: ['rush'] },
    ])
    expect(store.topics.withPrefix('sun', 1)).toEqual([])
  })

  it('that are merged hand on what people said of clips: set ones stay set, cleared ones count for nothing', async () => {
    const { store } = await temporaryProject()
    store.clips.add([clip('a', []), clip('b', []), clip('c', [])])
    const [a, b, c] = store.clips.all().map(({ id }) => id) as [number, number, number]
    const [x, y, z] = findTopics(
      { store },
      ['x', 'y', 'z'],
      [
        { clipId: a, shares: [0.6, 0, 0.4] },
        { clipId: b, shares: [0, 0, 1] },
        { clipId: c, shares: [0.3, 0.2, 0.5] },
      ],
    ) as [number, number, number]
    applyChange(store, {
      kind: 'all',
      changes: [
        { kind: 'clip.verdicts', topicId: x, set: [b], cleared: [a], none: [] },
        { kind: 'topic', topicId: x, set: { state: 'merged', mergedInto: y } },
      ],
    })
    const entries = (clipId: number) =>
      store.topics.ofClip(clipId).map(({ topicId, share, active }) => [topicId, share, active])
    expect(entries(a)).toEqual([[z, 0.4, true]])
    expect(entries(b)).toEqual([
      [z, 1, true],
      [y, 0, true],
    ])
    expect(entries(c)).toEqual([
      [y, 0.5, true],
      [z, 0.5, true],
    ])
    expect(store.topics.states().get(x)).toEqual({ label: 'x', state: 'merged', mergedInto: y })
    expect(store.topics.mergedInto(y)).toEqual([{ id: x, label: 'x' }])
    // What goes into a topic that takes no part comes to show with it.
    applyChange(store, { kind: 'topic', topicId: y, set: { state: 'junk' } })
    applyChange(store, { kind: 'topic', topicId: z, set: { state: 'merged', mergedInto: y } })
    applyChange(store, { kind: 'topic', topicId: y, set: { state: 'active' } })
    expect([a, b, c].map(entries)).toEqual([[[y, 0.4, true]], [[y, 1, true]], [[y, 1, true]]])
  })

  it('have a fingerprint of which clips bear them, whatever the way they came to it', async () => {
    const { store } = await temporaryProject()
    store.clips.add([clip('a', []), clip('b', [])])
    const [a, b] = store.clips.all().map(({ id }) => id) as [number, number]
    const [x, y] = findTopics(
      { store },
      ['x', 'y'],
      [
        { clipId: a, shares: [1, 0] },
        { clipId: b, shares: [0, 1] },
      ],
    ) as [number, number]
    const [one, other] = store.topics.fingerprints([x, y])
    expect(one).not.toBe(other)
    for (const clipId of [b, a]) {
      applyChange(store, { kind: 'clip.verdicts', topicId: x, set: [clipId], cleared: [], none: [] })
    }
    applyChange(store, { kind: 'clip.verdicts', topicId: y, set: [a, b], cleared: [], none: [] })
    const both = store.topics.fingerprints([x, y])
    expect(both[0]).toBe(both[1])
    applyChange(store, { kind: 'clip.verdicts', topicId: x, set: [], cleared: [b], none: [a] })
    expect(store.topics.fingerprints([x])).toEqual([one])
    expect(store.topics.clipCounts().get(x)).toBe(1)
  })

  it('pages of clips: bearing, set, cleared and near ones, by search too', async () => {
    const { store } = await temporaryProject()
    store.clips.add(['a', 'b', 'c', 'd'].map((name) => clip(name, [`a bird in ${name}`])))
    const [a, b, c, d] = store.clips.all().map(({ id }) => id) as [number, number, number, number]
    const [x] = findTopics(
      { store },
      ['x', 'y'],
      [
        [0.7, 0.3],
        [0.6, 0.4],
        [0.04, 0.96],
        [0.03, 0.97],
      ].map((shares, i) => ({ clipId: [a, b, c, d][i]!, shares })),
    ) as [number]
    applyChange(store, { kind: 'clip.verdicts', topicId: x, set: [d], cleared: [b], none: [] })
    const ids = (which: 'bearing' | 'set' | 'cleared' | 'near', search = '') =>
      store.topics.clipPage({ topicId: x, which, search, offset: 0, limit: 9 }).rows.map(({ id }) => id)
    expect([ids('bearing'), ids('set'), ids('cleared'), ids('near')]).toEqual([[a, d], [d], [b], [c]])
    expect([ids('bearing', 'bird'), ids('bearing', 'in d'), ids('bearing', 'hen')]).toEqual([[a, d], [d], []])
    expect(
      store.topics.clipPage({ topicId: x, which: 'bearing', search: '', offset: 1, limit: 1 }),
    ).toMatchObject({ total: 2, rows: [{ id: d, verdict: true, active: true }] })
  })
})

describe('captions and findings', () => {
  it('a caption that is dropped comes back under its id, and is found again', async () => {
    const { store } = await temporaryProject()
    store.clips.add([clip('a', ['a bird', 'a hen'])])
    const { id } = store.clips.all()[0]!
    const hen = store.captions.ofClip(id)[1]!
    const seen = (search: string) => store.clips.list(foundBy(search)).total
    const before = store.captions.set(hen.id, null)
    expect([store.captions.ofClip(id).length, seen('hen')]).toEqual([1, 0])
    // Another one comes meanwhile.
    const goose = store.captions.typed(id, 'a goose', 'Ann')
    store.captions.set(goose.captionId, goose.value)
    store.captions.set(hen.id, before)
    expect(store.captions.ofClip(id).map(({ text }) => text)).toEqual(['a bird', 'a hen', 'a goose'])
    expect([store.captions.find(hen.id)?.text, seen('hen'), seen('goose')]).toEqual(['a hen', 1, 1])
  })

  it('a check keeps what was decided, and forgets what is open', async () => {
    const { store } = await temporaryProject()
    store.clips.add([clip('a', ['a brid'])])
    const clipId = store.clips.all()[0]!.id
    const typo = {
      kind: 'typo' as const,
      clipId,
      captionId: 1,
      reason: '"brid" may be "bird".',
      suggestion: 'a bird',
      score: 0.9,
    }
    const single = {
      kind: 'single' as const,
      clipId,
      captionId: null,
      reason: 'It is the only caption.',
      suggestion: null,
      score: 0.5,
    }
    expect(store.findings.replace([single, typo])).toBe(2)
    const [first] = store.findings.list({ kind: null, state: 'open', offset: 0, limit: 9 }).rows
    expect(first).toMatchObject(typo)
    expect(store.findings.setState(first!.id, 'accepted')).toBe('open')
    expect(store.findings.replace([single, { ...typo, score: 0.8 }])).toBe(1)
    expect(store.findings.open()).toEqual({ contradiction: 0, duplicate: 0, typo: 0, single: 1, language: 0 })
    expect(store.findings.list({ kind: 'typo', state: 'decided', offset: 0, limit: 9 })).toMatchObject({
      total: 1,
      rows: [{ state: 'accepted' }],
    })
    // An edit may name a finding that a later check made an end of.
    expect(store.findings.setState(999, 'accepted')).toBeNull()
  })
})

/** A project with one clip, one topic and one model in training, made by job `jobId`. */
function withModel({ store }: OpenProject, jobId: number | null = null) {
  store.clips.add([clip('a', [])])
  const topicIds = findTopics({ store }, ['x'], [])
  const model = store.models.add({
    parent: null,
    jobId,
    kind: 'interpretive',
    origin: 'trained',
    settings: captionerSettings.parse({}),
    seed: 1,
    topics: topicIds,
    featureKey: 'k',
    frames: 28,
  })
  return { clipId: store.clips.all()[0]!.id, topicId: topicIds[0]!, model }
}

describe('models and what they lead to', () => {
  it('come back as they were stored', async () => {
    const project = await temporaryProject()
    const { store } = project
    const { clipId, topicId, model } = withModel(project)
    const finished = store.models.finish(model.id, {
      state: 'ready',
      device: 'cpu',
      steps: 10,
      seconds: 2.5,
      neurons: 4,
      best: { step: 5, nll: 3, bleu4: 0.1, cider: 0.2 },
    })
    expect(store.models.list()).toEqual([finished])
    expect(finished.settings).toEqual(captionerSettings.parse({}))

    const points = [1, 2, 3].map((step) => ({
      step,
      epoch: step / 10,
      loss: 3,
      nll: 2,
      topicLoss: 1,
      learningRate: 0.1,
      validation: null,
    }))
    for (const point of points) {
      expect(store.models.addPoint(model.id, point)).toBe(true)
    }
    expect(store.models.addPoint(model.id, points[0]!)).toBe(false)
    expect(store.models.points(model.id)).toEqual(points)
    // A run that went back to a checkpoint writes its curve anew from there.
    const again = { ...points[1]!, loss: 2.5 }
    store.models.addPoint(model.id, again)
    expect(store.models.points(model.id)).toEqual([points[0], again])

    const caption = {
      clipId,
      decoding: decoding.parse({ nBest: 2 }),
      caption: 'a bird',
      logProbability: -2,
      score: null,
      words: [{ word: 'a', logProbability: -1, attention: [1] }],
      alternatives: [{ caption: 'a hen', logProbability: -3 }],
      cider: null,
      topics: [0.5],
    }
    store.generated.put(model.id, [caption])
    store.generated.put(model.id, [{ ...caption, cider: 0.5 }])
    expect(store.generated.all(model.id, 'train')).toEqual([{ ...caption, cider: 0.5 }])

    const neuron = {
      neuron: 0,
      part: 'feature' as const,
      topicId,
      delta: 0.5,
      runnerUpId: topicId,
      margin: 0.1,
      shuffled: 0.05,
      dead: false,
      polysemantic: true,
      alignment: { precision: 0.5, auc: 0.6, p: 0.001, q: 0.02 },
    }
    const other = { ...neuron, neuron: 1, delta: 0, margin: 0, polysemantic: false, alignment: null }
    const map = {
      request: {
        modelId: null,
        reference: 'zero' as const,
        videoSet: 'bearing' as const,
        shuffles: 5,
        seed: 1,
        heldOut: 'test' as const,
        truth: 'truth.tsv',
      },
      trainingClips: 7,
      overTime: {
        frames: 9,
        neurons: [{ concept: 'red', neuron: 0, iou: 0.5, always: 0.2 }],
        concepts: [],
      },
      alignment: {
        split: 'test' as const,
        clips: 3,
        tests: 2,
        draws: 100,
        topics: [{ topicId, bearing: 1, probes: [{ neurons: [0], precision: 0.5, auc: 0.6 }] }],
        oneNeuron: { precision: 0.5, low: 0.4, high: 0.6, chance: 0.4, topics: 1 },
      },
      shuffledBaseline: 0.1,
      meanDelta: 0.2,
      seconds: 1,
      neurons: [neuron, other],
    }
    store.neurons.put(model.id, map)
    store.neurons.put(model.id, map)
    // A neuron that lowers no topic stands for none.
    expect(store.neurons.get(model.id)).toMatchObject({
      ...map,
      neurons: [neuron, { ...other, topicId: null, runnerUpId: null }],
    })
  })

  it('of a killed owner have stopped or failed; those of a living one go on, and it alone', async () => {
    const project = await temporaryProject()
    const { store, folder } = project
    const request = { procedure: 'training.train', input: { seed: 1 } }
    const jobId = store.jobs.add('train', 'Train', request)
    const { model } = withModel(project, jobId)
    const learning = store.jobs.add('correct', 'Learn', request)
    const { id: corrected } = store.models.add({ ...model, jobId: learning, origin: 'corrected' })
    store.jobs.begin(jobId, '2026-01-01T00:00:00.000Z')
    const states = (of: OpenProject) => of.store.jobs.list().map(({ state }) => state)

    const beside = openProject(folder)
    onTestFinished(() => beside.close())
    expect(states(beside)).toEqual(['queued', 'running'])
    expect(beside.store.jobs.get(jobId)).toMatchObject({ state: 'running', elsewhere: true })
    const waiting = beside.store.jobs.add('caption', 'Caption', request)
    expect(beside.store.jobs.begin(waiting, '')).toBe('Train')

    // The system frees the lock of an owner with its process: no more than that is left of one that was killed.
    project.owner.release()
    expect(beside.store.jobs.interruptAbandoned()).toBe(true)
    expect(states(beside)).toEqual(['queued', 'interrupted', 'interrupted'])
    expect(beside.store.jobs.get(jobId)).toEqual({
      id: jobId,
      kind: 'train',
      title: 'Train',
      state: 'interrupted',
      startedAt: '2026-01-01T00:00:00.000Z',
      restartable: true,
    })
    expect(beside.store.jobs.request(jobId)).toEqual(request)
    expect(beside.store.models.get(model.id).state).toBe('stopped')
    expect(beside.store.models.get(corrected).state).toBe('failed')
    expect(beside.store.jobs.begin(waiting, '')).toBeNull()
    const resumed = beside.store.jobs.add('train', 'Resume', request)
    expect([1, 2].map(() => beside.store.models.resume(model.id, resumed))).toEqual([true, false])
    expect(beside.store.models.get(model.id)).toMatchObject({ state: 'training', jobId: resumed, note: '' })
    beside.store.jobs.restarted(jobId, resumed)
    expect(beside.store.jobs.get(jobId)).toMatchObject({ restartable: false })
  })
})

describe('stamps', () => {
  it('change when a table of theirs is written, here or elsewhere, and with the project', async () => {
    const { store, folder } = await temporaryProject()
    store.clips.add([clip('a', ['one'])])
    const stamp = () => store.stamp(['clip', 'caption'])
    const seen = [stamp()]
    const expectNew = (is: boolean) => {
      expect(seen.includes(stamp())).toBe(!is)
      seen.push(stamp())
    }
    store.edits.make('note', {
      kind: 'clip.note',
      clipId: 1,
      who: 'Ann',
      value: { note: 'x', at: null },
    })
    expectNew(false)
    const { captionId, value } = store.captions.typed(1, 'two', 'Ann')
    store.captions.set(captionId, value)
    expectNew(true)
    store.captions.set(1, null)
    expectNew(true)
    const other = openProject(folder)
    expect(seen).not.toContain(other.store.stamp(['clip', 'caption']))
    expectNew(false)
    other.store.clips.add([clip('b', [])])
    other.close()
    expectNew(true)
  })
})
