/**
 * Captions judged, neurons looked at, corrections queued, learnt, thrown away, accepted and undone: through
 * the contract, with the real engine.
 */
import fc from 'fast-check'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { CaptionQuery, Client } from '#contract'
import { ranks, wordOverlap } from '../../../src-main/project/review/risk.ts'
import { openProject } from '../../../src-main/store/index.ts'
import { CLIPS } from '../../prepared.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
let client: Client
let project: string
let modelId: number

beforeAll(async () => {
  bench = await createWorkbench()
  client = bench.client
  return bench.close
})
beforeEach(async () => {
  ;({ project } = await bench.openPrepared('trained'))
  modelId = (await client.project.summary())?.currentModel ?? 0
})

const list = async (query: Omit<CaptionQuery, 'modelId'> = {}) =>
  (await client.review.list({ modelId, split: 'test', ...query })).rows
const clips = async () => (await list()).map(({ clipId }) => clipId)
const undo = () => client.project.undo()

describe('review', () => {
  it('orders captions by risk, and each part by itself', async () => {
    const rows = await list()
    expect(rows.length).toBeGreaterThan(4)
    expect(rows.map(({ risk }) => risk)).toEqual(rows.map(({ risk }) => risk).sort((a, b) => b - a))
    for (const { parts, risk } of rows) {
      const known = Object.values(parts).filter((part) => part !== null)
      expect(risk).toBeCloseTo(known.reduce((sum, part) => sum + part, 0) / known.length, 9)
      expect(parts.models).toBeNull()
    }
    const byPeople = await list({ order: 'people' })
    expect(byPeople.map(({ cider }) => cider ?? 0)).toEqual(
      byPeople.map(({ cider }) => cider ?? 0).sort((a, b) => a - b),
    )
    const [first] = rows
    expect(await list({ search: first?.clip ?? '' })).toHaveLength(1)
    // A model beside itself never differs.
    expect(await list({ otherModel: modelId, onlyDifferent: true })).toEqual([])
    const missed = rows.find(({ missing }) => missing.length > 0)
    const filtered = await list({ topicId: missed?.missing[0] ?? 0 })
    expect(filtered.map(({ clipId }) => clipId)).toContain(missed?.clipId)
  })

  it('answers a page at a time, and the page that holds a clip', async () => {
    const all = await clips()
    const page = async (query: Omit<CaptionQuery, 'modelId'>) => {
      const { total, offset, rows } = await client.review.list({ modelId, split: 'test', ...query })
      return { total, offset, clipIds: rows.map(({ clipId }) => clipId) }
    }
    const total = all.length
    expect(await page({ limit: 3 })).toEqual({ total, offset: 0, clipIds: all.slice(0, 3) })
    expect(await page({ limit: 3, offset: 2 })).toEqual({ total, offset: 2, clipIds: all.slice(2, 5) })
    expect(await page({ limit: 3, offset: total })).toEqual({ total, offset: total, clipIds: [] })
    for (const [place, clipId] of all.entries()) {
      const offset = Math.floor(place / 3) * 3
      expect(await page({ limit: 3, around: clipId })).toEqual({
        total,
        offset,
        clipIds: all.slice(offset, offset + 3),
      })
    }
    // A clip that is not listed, of another split for one, has no page.
    expect(await page({ limit: 3, offset: 1, around: -1 })).toEqual({
      total,
      offset: 1,
      clipIds: all.slice(1, 4),
    })
    const [first, second] = all
    await client.review.judge({ modelId, clipIds: [first!], verdict: 'right' })
    expect(await page({ limit: 1, verdict: 'none', around: second! })).toMatchObject({
      total: total - 1,
      offset: 0,
    })
    expect(await page({ limit: 1, verdict: 'none', around: first! })).toMatchObject({ offset: 0 })
    await undo()
  })

  it('rates captions anew when captions, topics or what people say of them change', async () => {
    const errors = async (clipId: number) => {
      const { missing, unsupported } = (await list()).find((row) => row.clipId === clipId)!
      const { topics } = await client.review.clip({ modelId, clipId })
      // The page of a clip says the same of its topics.
      const saying = (wanted: string) =>
        topics.filter(({ verdict }) => verdict === wanted).map(({ id }) => id)
      expect([missing, unsupported]).toEqual([saying('missing'), saying('unsupported')])
      return { missing, unsupported }
    }
    const rows = await list()
    const {
      clipId,
      missing: [topicId = 0],
    } = rows.find(({ missing }) => missing.length > 0)!
    const before = await errors(clipId)
    await client.topics.edit({ edit: 'setClips', topicIds: [topicId], clipIds: [clipId], verdict: false })
    expect((await errors(clipId)).missing).not.toContain(topicId)
    await undo()
    expect(await errors(clipId)).toEqual(before)

    const { store } = bench.app.project()
    const caption = store.generated.get(modelId, clipId)!
    const wordsOf = (topic: number) =>
      store.topics
        .get(topic)
        .words.slice(0, 10)
        .map(({ word }) => word)
        .join(' ')
    // As another program writes it.
    const other = openProject(project)
    other.store.generated.put(modelId, [{ ...caption, caption: wordsOf(topicId) }])
    other.close()
    expect((await errors(clipId)).missing).not.toContain(topicId)

    const unborne = (await client.review.clip({ modelId, clipId })).topics.find(({ expected }) => !expected)!
    store.generated.put(modelId, [{ ...caption, caption: wordsOf(unborne.id) }])
    expect((await errors(clipId)).unsupported).toContain(unborne.id)
    await client.corpus.addCaption({ clipId, text: `${wordsOf(unborne.id)} indeed` })
    expect((await errors(clipId)).unsupported).toEqual([])
    await undo()
    store.generated.put(modelId, [caption])
    expect(await list()).toEqual(rows)
  })

  it('scores one caption as its split was scored', async () => {
    const rows = await list()
    const { metrics } = (await client.training.model({ modelId })).evaluations.find(
      ({ split }) => split === 'test',
    )!
    const ofCaptions = await Promise.all(
      rows.map(async ({ clipId }) => (await client.review.metrics({ modelId, clipId }))!),
    )
    for (const metric of ['ROUGE_L', 'CIDEr', 'METEOR'] as const) {
      const sum = ofCaptions.reduce((total, scores) => total + scores[metric]!, 0)
      expect(sum / ofCaptions.length).toBeCloseTo(metrics[metric]!, 6)
    }
  })

  it('keeps verdicts, notes and captions of reviewers, and takes each back', async () => {
    const [a = 0, b = 0] = await clips()
    await client.review.judge({ modelId, clipIds: [a, b], verdict: 'wrong' })
    await client.review.judge({ modelId, clipIds: [a], verdict: 'nearly' })
    const verdicts = async () =>
      (await list({ order: 'clip' }))
        .flatMap(({ clipId, verdict }) => (verdict === null ? [] : [[clipId, verdict]]))
        .sort()
    expect(await verdicts()).toEqual(
      [
        [a, 'nearly'],
        [b, 'wrong'],
      ].sort(),
    )
    // What is so already is no edit.
    await client.review.judge({ modelId, clipIds: [a], verdict: 'nearly' })
    expect((await list({ verdict: 'wrong' })).map(({ clipId }) => clipId)).toEqual([b])
    await client.review.note({ clipId: a, note: 'look again' })
    expect(await client.review.clip({ modelId, clipId: a })).toMatchObject({
      verdict: 'nearly',
      note: 'look again',
    })
    const before = (await client.corpus.clip({ clipId: a })).captions
    await client.corpus.addCaption({ clipId: a, text: 'something else entirely' })
    expect((await client.corpus.clip({ clipId: a })).captions.map(({ text }) => text)).toEqual([
      ...before.map(({ text }) => text),
      'something else entirely',
    ])
    await expect(
      client.corpus.addCaption({ clipId: a, text: 'something else entirely' }),
    ).rejects.toMatchObject({
      code: 'CONFLICT',
    })
    expect(
      (await client.project.history({ limit: 4 })).edits.map(({ label }) => label.split(' ')[0]),
    ).toEqual(['add', 'note', 'judge', 'judge'])
    await undo()
    expect((await client.corpus.clip({ clipId: a })).captions).toEqual(before)
    await client.project.redo()
    for (let i = 0; i < 4; i++) {
      await undo()
    }
    expect([await verdicts(), (await client.review.clip({ modelId, clipId: a })).note]).toEqual([[], ''])
    const train = (await client.corpus.clips({ split: 'train' })).rows[0]!.id
    await expect(client.review.judge({ modelId, clipIds: [train], verdict: 'right' })).rejects.toMatchObject({
      code: 'NOT_READY',
    })
  })

  it('forgets a verdict when the model says something else', async () => {
    const [a = 0] = await clips()
    await client.review.judge({ modelId, clipIds: [a], verdict: 'right' })
    const { store } = bench.app.project()
    const caption = store.generated.get(modelId, a)!
    store.generated.put(modelId, [{ ...caption, caption: 'other words' }])
    expect((await client.review.clip({ modelId, clipId: a })).verdict).toBeNull()
    store.generated.put(modelId, [caption])
    expect((await client.review.clip({ modelId, clipId: a })).verdict).toBe('right')
    await undo()
  })

  it('holds a verdict for every model that says the same, and says what is to be judged again', async () => {
    const [a = 0, b = 0] = await clips()
    const { store } = bench.app.project()
    const { kind, settings, seed, topics, featureKey, frames } = store.models.get(modelId)
    const { id: child } = store.models.add({
      parent: modelId,
      jobId: null,
      origin: 'corrected',
      kind,
      settings,
      seed,
      topics,
      featureKey,
      frames,
    })
    const [ofA, ofB] = [store.generated.get(modelId, a)!, store.generated.get(modelId, b)!]
    await client.review.judge({ modelId, clipIds: [a], verdict: 'wrong', caption: ofA.caption })
    await client.review.judge({ modelId, clipIds: [b], verdict: 'right' })
    store.generated.put(child, [ofA, { ...ofB, caption: 'other words' }])
    const ofChild = (clipId: number) => client.review.clip({ modelId: child, clipId })
    expect(await ofChild(a)).toMatchObject({ verdict: 'wrong', former: null })
    expect(await ofChild(b)).toMatchObject({
      verdict: null,
      former: { caption: ofB.caption, verdict: 'right' },
    })
    const next = async (around: number | null) =>
      (await client.review.nextUnjudged({ modelId, split: 'test', around })).clipId
    const inOrder = (await list()).filter(({ verdict }) => verdict === null).map(({ clipId }) => clipId)
    expect(await next(null)).toBe(inOrder[0])
    expect(await next(inOrder.at(-1)!)).toBe(inOrder[0])
    expect(await next(inOrder[0]!)).toBe(inOrder[1])
    expect(
      await client.review.progress({ modelId, split: 'test', since: new Date(0).toISOString() }),
    ).toMatchObject({ captions: inOrder.length + 2, judged: 2, today: 2, perMinute: null })
    const again = await client.review.list({ modelId: child, split: 'test', verdict: 'again' })
    expect(again.rows.map(({ clipId }) => clipId)).toEqual([b])
    // Another verdict on the same words is one for both; so is taking it back.
    await client.review.judge({ modelId: child, clipIds: [a], verdict: 'nearly' })
    expect((await client.review.clip({ modelId, clipId: a })).verdict).toBe('nearly')
    await client.review.judge({ modelId: child, clipIds: [a], verdict: null })
    expect([(await ofChild(a)).verdict, (await client.review.clip({ modelId, clipId: a })).verdict]).toEqual([
      null,
      null,
    ])
    await undo()
    expect((await client.review.clip({ modelId, clipId: a })).verdict).toBe('nearly')
    await expect(
      client.review.judge({ modelId: child, clipIds: [b], verdict: 'wrong', caption: ofB.caption }),
    ).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it('shows topics and neurons over the time of a clip', async () => {
    const [a = 0] = await clips()
    const [strip, { topics }] = await Promise.all([
      client.review.strip({ modelId, clipId: a }),
      client.review.clip({ modelId, clipId: a }),
    ])
    expect(strip.times).toHaveLength(4)
    const predicted = [...topics].sort((x, y) => y.score - x.score).slice(0, 5)
    const matter = topics
      .filter((topic) => topic.expected || topic.inCaption || predicted.includes(topic))
      .map(({ id }) => id)
    expect(strip.topics.map(({ topicId }) => topicId).sort((x, y) => x - y)).toEqual(
      matter.sort((x, y) => x - y),
    )
    for (const { values, neurons } of strip.topics) {
      expect(values).toHaveLength(4)
      expect(neurons).toHaveLength(5)
      expect(neurons.map(({ difference }) => difference)).toEqual(
        neurons.map(({ difference }) => difference).sort((x, y) => y - x),
      )
      for (const { activation } of neurons) {
        expect(activation).toHaveLength(4)
      }
    }
  })
})

describe('neurons', () => {
  it('have a matrix, a histogram, words and captions without them, and a judgement', async () => {
    const map = (await client.neurons.map({ modelId }))!
    const { deltas } = await client.neurons.matrix({ modelId })
    expect([deltas.length, deltas[0]?.length]).toEqual([map.neurons.length, map.topics.length])
    const best = map.neurons.filter(({ part }) => part !== 'feature').sort((a, b) => b.delta - a.delta)[0]!
    expect(Math.max(...deltas[best.neuron]!)).toBeCloseTo(best.delta, 3)
    const detail = await client.neurons.neuron({ modelId, neuron: best.neuron })
    expect(detail.histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(CLIPS)
    expect(detail.clips[0]!.peakSecond).toBeGreaterThanOrEqual(0)
    // Every clip is in one part of its range, and so is every clip that bears its topic.
    const sum = (counts: (number | null)[]): number => counts.reduce<number>((all, n) => all + (n ?? 0), 0)
    const where = { topic: { topicId: best.topicId!, by: 'people' } as const }
    const bearing = await client.corpus.clips({ where })
    expect(sum(detail.ranges.map((range) => range.count))).toBe(CLIPS)
    expect(sum(detail.ranges.map((range) => range.bearing))).toBe(bearing.total)
    for (const { from, to, clips: drawn } of detail.ranges) {
      for (const { clipId, mean, caption } of drawn) {
        expect(mean).toBeGreaterThanOrEqual(from - 1e-4)
        expect(mean).toBeLessThanOrEqual(to + 1e-4)
        const generated = await client.review.clip({ modelId, clipId }).catch(() => null)
        const { captions } = await client.corpus.clip({ clipId })
        expect(caption).toEqual(
          generated === null
            ? { text: captions[0]?.text, by: 'people' }
            : { text: generated.caption, by: 'model' },
        )
      }
    }
    const { words, clips: read } = await client.neurons.words({ modelId, neurons: [best.neuron] })
    expect(read).toBe(CLIPS)
    expect(words.map(({ fall }) => fall)).toEqual(words.map(({ fall }) => fall).sort((a, b) => b - a))
    const learnt = map.neurons.filter(({ part }) => part !== 'feature').map(({ neuron }) => neuron)
    const silenced = await client.neurons.silence({ modelId, neurons: learnt.slice(0, 12), split: 'test' })
    expect(silenced).toMatchObject({
      neurons: learnt.slice(0, 12),
      clips: (await clips()).length,
      naming: null,
    })
    await expect(client.neurons.silence({ modelId })).rejects.toMatchObject({ code: 'BAD_INPUT' })
    await expect(client.neurons.stability({ modelId })).rejects.toMatchObject({ code: 'NOT_READY' })

    const judgement = { verdict: 'disagree' as const, label: 'things, "quoted"', note: '' }
    await client.neurons.judge({ modelId, neuron: best.neuron, judgement })
    expect((await client.neurons.map({ modelId }))!.neurons[best.neuron]!.judged).toEqual(judgement)
    const { path } = await client.neurons.export({ modelId, path: join(bench.folder, 'map.csv') })
    const lines = (await readFile(path, 'utf8')).trim().split('\n')
    expect(lines[0]).toMatch(/^layer,unit,description,similarity,held_out_precision,/)
    expect(lines[best.neuron + 1]).toContain('"things, ""quoted"""')
    await undo()
    expect((await client.neurons.map({ modelId }))!.neurons[best.neuron]!.judged).toBeNull()
  })
})

describe('corrections', () => {
  const queued = async () => (await client.corrections.list()).filter(({ state }) => state === 'queued')
  /** For each of the first two clips a caption that the model says of another one: the decoder can say it. */
  const typedCaptions = async () => {
    const rows = await list()
    return rows.slice(0, 2).map((row) => rows.find(({ caption }) => caption !== row.caption)!.caption) as [
      string,
      string,
    ]
  }

  it('wait in a queue that edits change', async () => {
    const [a = 0] = await clips()
    const [typed] = await typedCaptions()
    const { correctionId } = await client.corrections.enqueue({ clipId: a, typed, note: 'see' })
    expect(await queued()).toMatchObject([
      { id: correctionId, typed, wanted: typed, after: null, model: null, parent: modelId, note: 'see' },
    ])
    await expect(client.corrections.enqueue({ clipId: a, typed })).rejects.toMatchObject({ code: 'CONFLICT' })
    await undo()
    expect(await queued()).toEqual([])
    await client.project.redo()
    // While its clip is removed it waits, and keeps the clip's name.
    const { name } = await client.corpus.clip({ clipId: a })
    await client.corpus.removeClips({ clipIds: [a] })
    expect(await queued()).toMatchObject([{ clip: name }])
    await expect(client.corrections.learn({})).rejects.toMatchObject({ code: 'NOT_READY' })
    await expect(client.corrections.learn({ correctionIds: [correctionId] })).rejects.toMatchObject({
      message: `Correction ${correctionId} is of ${name}, which was removed.`,
    })
    expect(await clips()).not.toContain(a)
    await undo()
    expect(await clips()).toContain(a)
    await client.corrections.unqueue({ correctionId })
    expect(await queued()).toEqual([])
    await expect(client.corrections.unqueue({ correctionId })).rejects.toMatchObject({ code: 'CONFLICT' })
    await expect(client.corrections.learn({})).rejects.toMatchObject({ code: 'NOT_READY' })
    await expect(client.corrections.enqueue({ clipId: a })).rejects.toMatchObject({ code: 'BAD_INPUT' })
    await expect(
      client.corrections.enqueue({ clipId: a, typed: 'a zebra in pyjamas' }),
    ).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('"zebra"') as string })
    // A word that came into the captions after the training is no word of the model.
    const [{ id: trained = 0 } = {}] = (await client.corpus.clips({ split: 'train' })).rows
    await client.corpus.addCaption({ clipId: trained, text: 'a zebra' })
    await expect(client.corrections.enqueue({ clipId: a, typed: 'a zebra' })).rejects.toMatchObject({
      code: 'BAD_INPUT',
    })
    expect((await client.corrections.read({ modelId, clipId: a, caption: 'a zebra' })).unknownWords).toEqual([
      'zebra',
    ])
    await undo()
    await expect(
      client.corrections.preview({ clipId: a, topics: [{ topicId: 999, strength: 1 }] }),
    ).rejects.toMatchObject({ code: 'BAD_INPUT' })
  })

  it('are learnt together, and thrown away together, until it is undone or the trash is emptied', async () => {
    const [a = 0, b = 0] = await clips()
    const [captionA, captionB] = await typedCaptions()
    await client.corrections.enqueue({ clipId: a, typed: captionA })
    await client.corrections.enqueue({ clipId: b, typed: captionB })
    const models = (await client.training.models()).length
    const requested = [
      { clipId: a, typed: captionA },
      { clipId: b, typed: captionB },
    ]
    const { touched } = await client.corrections.carried({ modelId, corrections: requested })
    await bench.finished(await client.corrections.learn({}))
    const [second, first] = await client.corrections.list()
    const version = first!.model!
    expect([first!.state, second!.state, second!.model]).toEqual(['proposed', 'proposed', version])
    const { radius, corrections } = await client.corrections.version({ modelId: version })
    expect(corrections).toHaveLength(2)
    // Whichever clips are corrected, a person decides by what changes on validation.
    const validation = (await list({ split: 'val' })).map(({ clipId }) => clipId)
    expect(radius).toMatchObject({ split: 'val', clips: validation.length })
    expect(
      radius!.changed.every(({ clipId, before, after }) => validation.includes(clipId) && before !== after),
    ).toBe(true)
    // What its neurons were shifted to say, topic by topic, is what f has said of each clip and says now.
    expect(radius!.shifted.map(({ clipId }) => clipId).sort()).toEqual([a, b].sort())
    for (const { topics } of radius!.shifted) {
      const sizes = topics.map(({ before, after }) => Math.abs(after - before))
      expect(sizes).toEqual([...sizes].sort((x, y) => y - x))
    }
    // What was shown before is looked at afterwards, clip by clip.
    const byClip = (x: { clipId: number }, y: { clipId: number }) => x.clipId - y.clipId
    expect(
      radius!.shown.map(({ clipId, before, shown }) => ({ clipId, before, after: shown })).sort(byClip),
    ).toEqual(touched.map(({ clipId, before, after }) => ({ clipId, before, after })).sort(byClip))
    const taintedOf = async (id: number) => (await client.training.model({ modelId: id })).tainted
    expect([await taintedOf(modelId), await taintedOf(version)]).toEqual([0, 2])
    await client.corpus.moveClips({ clipIds: [a], split: 'train' })
    expect(await taintedOf(version)).toBe(1)
    await undo()
    const folder = join(project, 'models', String(version))
    expect(existsSync(folder)).toBe(true)
    await client.corrections.discard({ modelId: version })
    expect([(await client.training.models()).length, await client.corrections.list()]).toEqual([models, []])
    await expect(client.corrections.accept({ modelId: version })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await undo()
    expect((await client.corrections.list()).map(({ state }) => state)).toEqual(['proposed', 'proposed'])
    expect((await client.corrections.version({ modelId: version })).radius).toEqual(radius)
    await client.corrections.discard({ modelId: version })
    await client.training.emptyTrash({ modelIds: [version] })
    expect(existsSync(folder)).toBe(false)
    // Undo of what was decided of it, and of having queued them, does no harm.
    await undo()
    await undo()
    await undo()
    expect([(await client.training.models()).length, await client.corrections.list()]).toEqual([models, []])
  })

  it('are accepted, guard later models, and undone with later ones learnt again', async () => {
    const [a = 0, b = 0] = await clips()
    const [captionA, captionB] = await typedCaptions()
    const versions: number[] = []
    for (const [clipId, typed] of [
      [a, captionA],
      [b, captionB],
    ] as const) {
      await client.corrections.enqueue({ clipId, typed })
      await bench.finished(await client.corrections.learn({}))
      const [latest] = await client.corrections.list()
      expect(latest).toMatchObject({ wanted: typed, state: 'proposed', parent: versions.at(-1) ?? modelId })
      expect(latest!.after).toBeTypeOf('string')
      await client.corrections.accept({ modelId: latest!.model! })
      versions.push(latest!.model!)
      expect((await client.project.summary())?.currentModel).toBe(latest!.model)
    }
    const { models, cases } = await client.corrections.regressions()
    expect(models).toEqual([versions[1]])
    expect(cases.find(({ correction }) => correction.clipId === a)!.outcomes).toMatchObject([
      { modelId: versions[1] },
    ])
    await bench.finished(await client.corrections.rerun({ modelId }))
    // The model before them says what it said before, or in its own words what is right.
    const outcomes = (await client.corrections.regressions()).cases
      .flatMap((regression) => regression.outcomes)
      .filter((rerun) => rerun.modelId === modelId)
      .map(({ outcome }) => outcome)
    expect(outcomes).toHaveLength(2)
    expect(outcomes).not.toContain('holds')
    expect(await client.corrections.report({})).toMatchObject({
      corrections: 2,
      elsewhere: 2 * (await list({ split: 'val' })).length,
    })
    await expect(client.training.remove({ modelId })).rejects.toMatchObject({ code: 'CONFLICT' })

    const again = await client.corrections.undo({ modelId: versions[0]!, replay: true })
    await bench.finished(again!)
    expect((await client.project.summary())?.currentModel).toBe(modelId)
    const [replayed] = await client.corrections.list()
    expect(replayed).toMatchObject({ state: 'proposed', parent: modelId, clipId: b, wanted: captionB })
    await client.corrections.discard({ modelId: replayed!.model! })
    await client.training.note({ modelId: versions[1]!, note: 'not needed' })
    await client.training.remove({ modelId: versions[1]! })
    expect((await client.training.models()).some(({ id }) => id === versions[1])).toBe(false)
    // Edits that speak of models that are gone can still be undone.
    for (let i = 0; i < 8; i++) {
      await undo()
    }
    expect((await client.project.summary())?.currentModel).toBe(modelId)
  })

  it('that are cancelled stay in the queue, and leave no version', async () => {
    const [a = 0] = await clips()
    const [typed] = await typedCaptions()
    await client.corrections.enqueue({ clipId: a, typed })
    const before = (await client.training.models()).length
    const { jobId } = await client.corrections.learn({})
    bench.app.jobs.cancel(jobId)
    expect((await bench.app.jobs.finished(jobId)).state).toBe('cancelled')
    expect([(await queued()).length, (await client.training.models()).length]).toEqual([1, before])
    await undo()
  })

  it('show what they would carry to before they are learnt, and leave some of that out', async () => {
    const [a = 0, b = 0] = await clips()
    const { topics } = (await client.neurons.map({ modelId }))!
    const topicId = topics[0]!.id
    const request = { modelId, corrections: [{ clipId: a, topics: [{ topicId, strength: 1 }] }] }
    const { clips: clipCount, topics: carried, touched } = await client.corrections.carried(request)
    expect(carried.map((topic) => topic.topicId)).toEqual([topicId])
    expect(clipCount).toBeGreaterThan(0)
    expect(touched.every(({ clipId, split }) => clipId !== a && split !== 'test')).toBe(true)
    const dropped = { clipId: a, topics: [{ topicId, strength: -1 }] }
    expect(await client.corrections.carried({ modelId, corrections: [dropped] })).toMatchObject({
      topics: [],
      touched: [],
    })

    const [typed] = await typedCaptions()
    const { correctionId } = await client.corrections.enqueue({ clipId: a, typed, leftOut: [a, b] })
    const leftOut = async () => (await queued())[0]!.leftOut.map(({ clipId }) => clipId)
    expect(await leftOut()).toEqual([b])
    await client.corrections.leaveOut({ correctionIds: [correctionId], clipId: b, out: false })
    expect(await leftOut()).toEqual([])
    await undo()
    expect(await leftOut()).toEqual([b])
    await undo()
    await expect(
      client.corrections.leaveOut({ correctionIds: [correctionId], clipId: b, out: true }),
    ).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it('move many clips at once as one, and suggest what brings a caption nearer to people', async () => {
    const { topics } = (await client.neurons.map({ modelId }))!
    const moved = [{ topicId: topics[0]!.id, strength: 1 }]
    const all = await client.corrections.previewAll({ modelId, split: 'test', topics: moved })
    for (const { clipId, before, after } of all.changed.slice(0, 3)) {
      expect(await client.corrections.preview({ modelId, clipId, topics: moved })).toMatchObject({
        before,
        after,
      })
    }
    const ciders = new Map((await list()).map(({ clipId, cider }) => [clipId, cider]))
    for (const { clipId, ciderBefore } of all.changed) {
      expect(ciderBefore).toBeCloseTo(ciders.get(clipId)!, 6)
    }
    expect((await client.corrections.previewAll({ modelId, split: 'test' })).changed).toEqual([])
    for (const clipId of (await clips()).slice(0, 4)) {
      for (const suggestion of await client.corrections.suggest({ modelId, clipId })) {
        expect(suggestion.ciderAfter).toBeGreaterThan(suggestion.ciderBefore)
        const preview = await client.corrections.preview({ modelId, clipId, topics: suggestion.topics })
        expect(preview.after).toBe(suggestion.after)
      }
    }
  })
})

describe('risk', () => {
  it('ranks from 0 to 1, equal ones alike', () => {
    expect(ranks([3, null, 1, 2, 2])).toEqual([1, null, 0, 0.5, 0.5])
    expect(ranks([7])).toEqual([0])
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2 }), (values) => {
        const ranked = ranks(values)
        values.forEach((x, i) => {
          values.forEach((y, j) => {
            expect(Math.sign(ranked[i]! - ranked[j]!)).toBe(Math.sign(x - y))
          })
        })
        expect(ranked.reduce<number>((sum, rank) => sum + rank!, 0) / ranked.length).toBeCloseTo(0.5, 9)
      }),
    )
  })

  it('counts the words that two captions share', () => {
    expect(wordOverlap('a dog runs', 'A dog runs.')).toBe(1)
    expect(wordOverlap('a a dog', 'a cat')).toBeCloseTo(0.4)
    expect(wordOverlap('', '')).toBe(1)
  })
})
