/** Models of other systems: taken in from every form, refused where they are wrong, and used as a model is. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Client, ModelImportRequest } from '#contract'
import { createRandom } from '../../../src-main/common/random.ts'
import { encodeNpy } from '../../../src-main/formats/npy.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
let client: Client
/** Beside the project. */
let folder: string
/** Clips by name, with what people say of them. */
let clips: { id: number; name: string; split: string; captions: string[] }[]

beforeAll(async () => {
  bench = await createWorkbench()
  client = bench.client
  return bench.close
})
beforeEach(async () => {
  const { project } = await bench.openPrepared('trained')
  folder = join(project, '..')
  const { rows } = await client.corpus.clips({ limit: 500 })
  clips = await Promise.all(
    rows.map(async ({ id, name, split }) => {
      const { captions } = await client.corpus.clip({ clipId: id, modelId: null })
      return { id, name, split, captions: captions.map(({ text }) => text) }
    }),
  )
})

/** Takes in the captions of a file of this content; returns the report and the model. */
async function imported(file: string, text: string, request: Partial<ModelImportRequest> = {}) {
  const path = join(folder, file)
  await writeFile(path, text)
  const { result } = await bench.finished(
    await client.training.importModel({ path, name: 'BLIP', ...request }),
  )
  if (result?.kind !== 'modelImport') {
    throw new Error('the import left no model')
  }
  return result
}

const stem = (name: string): string => name.replace(/\.\w+$/, '')
/** A system that says of each clip what the first person says. */
const echoes = () => clips.map(({ name, captions }) => ({ clip: name, caption: captions[0]! }))
const asCoco = (rows: readonly { clip: string; caption: string }[]) =>
  JSON.stringify(rows.map(({ clip, caption }) => ({ image_id: clip, caption })))

const captionsOf = (modelId: number) =>
  bench.app
    .project()
    .store.generated.all(modelId)
    .map(({ clipId, caption, score }) => [clipId, caption, score])

describe("another system's captions", () => {
  it('are the same model in every form, clips called with and without extension', async () => {
    const rows = echoes()
    const files: [string, string][] = [
      ['results.json', asCoco(rows)],
      [
        'a.csv',
        `clip,caption,score\n${rows.map(({ clip, caption }, i) => `${stem(clip)},"${caption}",${i}`).join('\n')}`,
      ],
      [
        'a.tsv',
        `video\tcaption\tconfidence\n${rows.map(({ clip, caption }, i) => `${clip}\t${caption}\t${i}`).join('\n')}`,
      ],
      [
        'a.jsonl',
        rows
          .map(({ clip, caption }, i) => JSON.stringify({ image_id: stem(clip), caption, score: i }))
          .join('\n'),
      ],
    ]
    for (const [i, [file, text]] of files.entries()) {
      const { modelId, report } = await imported(file, text)
      expect(report).toMatchObject({
        captions: clips.length,
        scored: i === 0 ? 0 : clips.length,
        unmatched: 0,
        without: 0,
      })
      expect(captionsOf(modelId)).toEqual(
        clips
          .map(({ id, captions }, place) => [id, captions[0], i === 0 ? null : place])
          .sort(([a], [b]) => Number(a) - Number(b)),
      )
    }
  })

  it('of no clip are listed with file and line, and the others are taken in', async () => {
    const [known] = clips
    const text = `clip,caption\nnobody.mp4,a cat\n${known!.name},a dog\nnoone,a hen\n`
    const { modelId, report } = await imported('some.csv', text)
    expect(report).toMatchObject({ captions: 1, unmatched: 2, without: clips.length - 1 })
    expect(report.details[0]).toEqual({
      title: 'Of no clip',
      total: 2,
      lines: ['some.csv line 2: nobody.mp4', 'some.csv line 4: noone'],
    })
    expect(captionsOf(modelId)).toEqual([[known!.id, 'a dog', null]])
  })

  it('that are wrong leave nothing', async () => {
    const [a, b] = clips
    const before = [await client.training.models(), await client.project.summary()]
    const refused: [string, RegExp][] = [
      [
        `clip,caption\n${a!.name},x y\n${b!.name},x y\n${stem(a!.name)},z z\n`,
        /^a\.csv line 4: .* at line 2\.$/,
      ],
      [`clip,caption,score\n${a!.name},x y,high\n`, /^a\.csv line 2: the score "high" is no number\.$/],
      ['clip,caption\nnobody,x y\n', /^a\.csv describes no clip of this project: it speaks of nobody,/],
      ['clip\n', /a\.csv/],
    ]
    for (const [text, sentence] of refused) {
      const path = join(folder, 'a.csv')
      await writeFile(path, text)
      expect(await bench.failure(await client.training.importModel({ path, name: 'BLIP' }))).toMatch(sentence)
    }
    expect([await client.training.models(), await client.project.summary()]).toEqual(before)
  })
})

describe("another system's model", () => {
  it('is scored as any captions are, and laid beside our own', async () => {
    const { modelId } = await imported('blip.json', asCoco(echoes()))
    const { kind, origin, state, external, evaluations } = await client.training.model({ modelId })
    expect({ kind, origin, state, external }).toEqual({
      kind: 'external',
      origin: 'imported',
      state: 'ready',
      external: { name: 'BLIP', file: join(folder, 'blip.json'), activations: null },
    })
    // The same captions from files, without a project.
    const ofSplit = clips.filter(({ split }) => split === 'test')
    await writeFile(
      join(folder, 'references.json'),
      JSON.stringify(Object.fromEntries(ofSplit.map(({ name, captions }) => [name, captions]))),
    )
    await writeFile(
      join(folder, 'hypotheses.json'),
      JSON.stringify(Object.fromEntries(ofSplit.map(({ name, captions }) => [name, captions[0]]))),
    )
    const files = await client.training.scoreFiles({
      hypotheses: join(folder, 'hypotheses.json'),
      references: join(folder, 'references.json'),
    })
    const test = evaluations.find(({ split }) => split === 'test')!
    expect(test).toMatchObject({ captions: ofSplit.length, topics: null })
    expect(test.metrics.CIDEr).toBeCloseTo(files.metrics.CIDEr, 6)
    expect(test.metrics.BLEU_4).toBeCloseTo(files.metrics.BLEU_4, 6)
    const { clips: shared, metrics } = await client.training.compare({ a: 1, b: modelId, split: 'test' })
    expect(shared).toBe(ofSplit.length)
    expect(metrics.find(({ metric }) => metric === 'CIDEr')!.difference).toBeGreaterThan(0)
  })

  it('is reviewed: listed by doubt, judged, noted, its topics held against people', async () => {
    const [first] = clips.filter(({ split }) => split === 'val')
    const rows = echoes().map((row) =>
      row.clip === first!.name ? { ...row, caption: 'a green elephant' } : row,
    )
    const { modelId } = await imported('blip.json', asCoco(rows))
    const page = await client.review.list({ modelId, split: 'val', otherModel: 1 })
    expect(page.rows[0]).toMatchObject({
      clipId: first!.id,
      caption: 'a green elephant',
      logProbability: null,
      parts: { likelihood: null },
    })
    const reviewed = { modelId, clipId: first!.id }
    await client.review.judge({
      modelId,
      clipIds: [first!.id],
      verdict: 'wrong',
      caption: 'a green elephant',
    })
    const review = await client.review.clip(reviewed)
    expect(review).toMatchObject({ modelKind: 'external', verdict: 'wrong', words: [], logProbability: null })
    expect(review.topics.some(({ verdict }) => verdict === 'missing')).toBe(true)
    expect((await client.review.metrics(reviewed))!.CIDEr).toBe(page.rows[0]!.cider)
  })

  it('is scored again against what people say by then, with the topics of today', async () => {
    const { modelId } = await imported('blip.json', asCoco(echoes()))
    const before = await client.training.model({ modelId })
    const [topic] = before.topics
    await client.topics.edit({ edit: 'setState', topicIds: [topic!], state: 'junk' })
    expect((await client.training.model({ modelId })).stale).not.toEqual([])
    const ofSplit = clips.find(({ split }) => split === 'val')!
    await client.corpus.addCaption({ clipId: ofSplit.id, text: 'something else altogether' })
    await bench.finished(await client.review.generate({ modelId, split: 'val' }))
    const after = await client.training.model({ modelId })
    expect(after).toMatchObject({ stale: [], topics: before.topics.filter((id) => id !== topic) })
    const cider = (model: typeof after) =>
      model.evaluations.find(({ split }) => split === 'val')!.metrics.CIDEr
    expect(cider(after)).not.toBe(cider(before))
  })

  it('is held against kept corrections by what it says', async () => {
    const { store } = bench.app.project()
    const [a, b] = clips.filter(({ split }) => split === 'val')
    for (const [clip, wanted] of [
      [a!, a!.captions[0]!],
      [b!, 'nothing that it says'],
    ] as const) {
      const { id } = store.corrections.add({
        parent: 1,
        clipId: clip.id,
        topics: [],
        neurons: [],
        typed: wanted,
        before: b!.captions[0]!,
        wanted,
        note: '',
        leftOut: [],
      })
      store.corrections.setState(id, 'accepted')
    }
    const { modelId } = await imported('blip.json', asCoco(echoes()))
    const { cases } = await client.corrections.regressions()
    const outcomes = cases.map(({ correction, outcomes: all }) => [
      correction.clipId,
      all.find((outcome) => outcome.modelId === modelId)?.outcome,
    ])
    expect(new Map(outcomes as [number, string][])).toEqual(
      new Map([
        [a!.id, 'holds'],
        [b!.id, 'back'],
      ]),
    )
  })

  it('goes with its captions to the trash and comes back, and exports what it says', async () => {
    const { modelId } = await imported('blip.json', asCoco(echoes()))
    await client.training.remove({ modelId })
    await client.training.restore({ modelId })
    const to = join(folder, 'export')
    const { result } = await bench.finished(await client.exports.run({ what: 'captions', modelId, to }))
    expect(result).toMatchObject({ kind: 'export', files: 4 })
    const check = await bench.finished(await client.storage.check({}))
    expect(check.result).toEqual({ kind: 'check', findings: [] })
  })

  it('says in a sentence what can not be done with it', async () => {
    const { modelId } = await imported('blip.json', asCoco(echoes()))
    const { id: clipId } = clips.find(({ split }) => split === 'val')!
    const cannotRun = `Model ${modelId} (BLIP) is another system’s, which nothing here can run: there are only its captions.`
    const refusals: (() => Promise<unknown>)[] = [
      () => client.training.refine({ modelId }),
      () => client.training.remap({ modelId }),
      () => client.corrections.enqueue({ modelId, clipId, typed: 'a dog' }),
      () => client.corrections.preview({ modelId, clipId, topics: [] }),
      () => client.corrections.suggest({ modelId, clipId }),
      () => client.neurons.silence({ modelId, neurons: [1] }),
    ]
    for (const refused of refusals) {
      await expect(Promise.resolve().then(refused)).rejects.toMatchObject({
        code: 'CONFLICT',
        message: cannotRun,
      })
    }
    const to = join(folder, 'export')
    expect(await bench.failure(await client.exports.run({ what: 'model', modelId, to }))).toBe(cannotRun)
    await expect(Promise.resolve().then(() => client.neurons.interpret({ modelId }))).rejects.toMatchObject({
      message: `Model ${modelId} (BLIP) came without activations, so it has no neurons to look at.`,
    })
  })
})

describe("another system's activations", () => {
  /** One neuron to each topic, on where a clip bears it; one that never moves, and one of noise. */
  async function writeActivations(to: string, topics: readonly number[]): Promise<number> {
    const vectors = bench.app.project().store.topics.vectors([...topics])
    const neurons = topics.length + 2
    const random = createRandom(5)
    const valueOf = (neuron: number, borne: readonly number[]): number => {
      if (neuron < topics.length) {
        return borne.includes(neuron) ? 40 : 0
      }
      return neuron === topics.length ? 3 : random.normal()
    }
    await mkdir(to, { recursive: true })
    for (const { id, name } of clips) {
      const values = Float32Array.from({ length: 2 * neurons }, (_, i) =>
        valueOf(i % neurons, vectors.get(id) ?? []),
      )
      await writeFile(join(to, `${stem(name)}.npy`), encodeNpy([2, neurons], values))
    }
    return neurons
  }

  it('give it a probe, a neuron map on held-out clips, and pages of neurons, read only', async () => {
    const { topics } = await client.training.model({ modelId: 1 })
    const activations = join(folder, 'activations')
    const neurons = await writeActivations(activations, topics)
    const { modelId, report } = await imported('blip.json', asCoco(echoes()), { activations })
    expect(report.activations).toEqual({ clips: clips.length, neurons })
    const model = await client.training.model({ modelId })
    expect(model).toMatchObject({ neurons, stale: [], external: { activations } })
    expect(model.evaluations.find(({ split }) => split === 'test')!.topics).not.toBeNull()
    const map = (await client.neurons.map({ modelId }))!
    expect(map.neurons.slice(0, topics.length).map(({ topicId }) => topicId)).toEqual(topics)
    expect(map.neurons[0]!.part).toBe('activation')
    expect(map.neurons.filter(({ dead }) => dead).map(({ neuron }) => neuron)).toEqual([topics.length])
    // Its neurons tell its topics on clips that the probe has not learnt from, wherever there are any.
    const aligned = map.neurons.slice(0, topics.length).flatMap(({ alignment }) => alignment?.precision ?? [])
    expect(aligned.length).toBeGreaterThan(1)
    expect(new Set(aligned)).toEqual(new Set([1]))
    expect(map.alignment!.clips).toBe(clips.filter(({ split }) => split === 'val').length)
    const page = await client.neurons.neuron({ modelId, neuron: 0 })
    expect(page.clips[0]!.mean).toBeCloseTo(40, 1)
    const { id: clipId } = clips.find(({ split }) => split === 'val')!
    const strip = await client.review.strip({ modelId, clipId })
    expect(strip.topics[0]!.values).toHaveLength(2)
    await expect(
      Promise.resolve().then(() => client.neurons.words({ modelId, neurons: [0] })),
    ).rejects.toMatchObject({ code: 'CONFLICT' })

    // The features that trainings go by are the project's own.
    const { sets } = await client.corpus.featureSets()
    expect(sets.find(({ title }) => title.startsWith('activations of'))).toMatchObject({
      current: false,
      models: 1,
      dimension: neurons,
    })
    // Other topics: it is stale until it is interpreted again.
    await client.topics.edit({ edit: 'setState', topicIds: [topics[0]!], state: 'junk' })
    expect((await client.training.model({ modelId })).stale).not.toEqual([])
    await bench.finished(await client.neurons.interpret({ modelId }))
    expect(await client.training.model({ modelId })).toMatchObject({ stale: [], topics: topics.slice(1) })
    const check = await bench.finished(await client.storage.check({}))
    expect(check.result).toEqual({ kind: 'check', findings: [] })
  })

  it('that are wrong leave nothing', async () => {
    const before = [await client.training.models(), await client.corpus.featureSets()]
    const activations = join(folder, 'activations')
    const { topics } = await client.training.model({ modelId: 1 })
    const neurons = await writeActivations(activations, topics)
    const [{ name }] = clips as [(typeof clips)[number]]
    const file = join(activations, `${stem(name)}.npy`)
    const path = join(folder, 'blip.json')
    await writeFile(path, asCoco(echoes()))
    for (const [shape, values, sentence] of [
      [[1, neurons + 1], new Float32Array(neurons + 1), new RegExp(`has ${neurons + 1}|${stem(name)}`)],
      [[1, neurons], new Float32Array(neurons).fill(NaN), new RegExp(stem(name))],
    ] as const) {
      await writeFile(file, encodeNpy(shape, values))
      const message = await bench.failure(
        await client.training.importModel({ path, name: 'BLIP', activations }),
      )
      expect(message).toMatch(sentence)
    }
    expect([await client.training.models(), await client.corpus.featureSets()]).toEqual(before)
  })
})
