/** Moving a topic's neurons, and learning what they then say. */
import { createHash } from 'node:crypto'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decoding } from '#contract'
import { CancelledError } from '../../../src-main/common/failures.ts'
import { captionerHandlers } from '../../../src-main/engine/captioner/index.ts'
import { loadModel } from '../../../src-main/engine/captioner/model-folder.ts'
import { neuronCount } from '../../../src-main/engine/captioner/parameters.ts'
import type {
  CaptionedClip,
  ClipFeatures,
  ClipIntervention,
} from '../../../src-main/engine-host/contract/index.ts'
import { correctionHandlers } from '../../../src-main/engine/corrections/index.ts'
import { clipViews } from '../../../src-main/engine/corrections/views.ts'
import { neuronHandlers } from '../../../src-main/engine/neurons/index.ts'
import { applyMoves } from '../../../src-main/engine/captioner/decoding/moves.ts'
import { neuronsOfTopic, planMoves } from '../../../src-main/engine/neurons/intervention.ts'
import { readNeuronMap } from '../../../src-main/engine/neurons/neuron-map.ts'
import type { NeuronMapFile } from '../../../src-main/engine/neurons/neuron-map.ts'
import { encodeNpy } from '../../../src-main/formats/npy.ts'
import { FEATURES, listening, SENTENCES, sentenceOf, trainedCaptioner } from '../captioner/tiny.ts'

const carryingNothing = {
  cells: 1,
  carry: { topics: [], train: [], validation: [] },
  leftOut: [],
  shown: [],
}

/** The features of the odd clip that are not zero. */
const SHOWN = new Map([
  [1, 3],
  [7, 1],
])
/** Eight neurons, two topics; the first two neurons are the frame's features. */
const MAP: NeuronMapFile = {
  topics: 2,
  firstLearnt: 2,
  delta: Float32Array.of(9, 9, 8, 8, 3, 1, 2, 0, 1, 5, 0.1, 0.2, 0.05, 4, -1, -1),
  shuffled: Float32Array.of(0, 0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5),
  bearing: Float32Array.from({ length: 16 }, (_, i) => 100 + i),
  absent: Float32Array.from({ length: 16 }, (_, i) => 200 + i),
  clipIds: new Float32Array(),
  clipMeans: new Float32Array(),
  alignment: null,
}

describe('a plan', () => {
  it('takes the learnt neurons that beat shuffled topics, strongest first, at most a quarter', () => {
    expect(neuronsOfTopic(MAP, 0)).toEqual([2, 3])
    expect(neuronsOfTopic(MAP, 1)).toEqual([4, 6])
    // None beats the shuffled topics: the strongest positive ones still carry it.
    expect(neuronsOfTopic({ ...MAP, shuffled: new Float32Array(8).fill(50) }, 0)).toEqual([2, 3])
  })

  it('moves a neuron that two topics own where the larger delta wants it', () => {
    const shared: NeuronMapFile = {
      ...MAP,
      delta: Float32Array.of(0, 0, 0, 0, 3, 4, 2, 0, 0, 1, 0, 0, 0, 0, 0, 0),
    }
    expect(
      planMoves(shared, {
        topics: [
          { topic: 0, strength: 1 },
          { topic: 1, strength: -1 },
        ],
        neurons: [],
      }),
    ).toEqual([
      { neuron: 2, topic: 1, target: 205, strength: 1 },
      { neuron: 3, topic: 0, target: 106, strength: 1 },
      { neuron: 4, topic: 1, target: 209, strength: 1 },
    ])
    // One that is set by itself goes where it is set.
    expect(
      planMoves(shared, { topics: [{ topic: 1, strength: -0.5 }], neurons: [{ neuron: 2, value: 7 }] }),
    ).toEqual([
      { neuron: 2, topic: null, target: 7, strength: 1 },
      { neuron: 4, topic: 1, target: 209, strength: 0.5 },
    ])
    expect(() => planMoves(shared, { topics: [], neurons: [{ neuron: 1, value: 0 }] })).toThrow(
      'feature of the frame',
    )
  })

  it('moves only its neurons, in valid frames of its clip, by its strength', () => {
    // Two clips of two frames and three neurons; clip 1 has one valid frame.
    const before = Float32Array.from({ length: 12 }, (_, i) => i)
    const v = before.slice()
    applyMoves({ v, mask: Float32Array.of(1, 1, 1, 0) }, { clip: 1, frames: 2 }, [
      { neuron: 2, target: 100, strength: 0.25 },
    ])
    expect([...v]).toEqual([...before.slice(0, 8), 8 + 0.25 * 92, ...before.slice(9)])
  })
})

describe.each([
  { neurons: 'signed', topicHead: 'joint' },
  { neurons: 'non-negative', topicHead: 'tied', lambda: 1 },
] as const)('with a captioner that has learnt its topics ($neurons neurons)', (settings) => {
  let folder: string
  let modelDir: string
  let clips: CaptionedClip[]
  /** Shows topic 1 as clips 1, 5 and 9 do, and something that no training clip shows. */
  let odd: ClipFeatures
  /** Shows what no training clip shows, and nothing else. */
  let other: ClipFeatures
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vitrine-corrections-'))
    ;({ clips, modelDir } = await trainedCaptioner(folder, {
      encoderSize: 64,
      hiddenSize: 32,
      learningRate: 0.01,
      ...settings,
    }))
    await neuronHandlers['neurons.interpret'](
      {
        modelDir,
        clips,
        train: clips,
        heldOut: [],
        truth: null,
        reference: 'zero',
        videoSet: 'bearing',
        shuffles: 5,
        seed: 1,
        device: 'cpu',
      },
      listening(),
    )
    odd = await clipShowing(12, SHOWN)
    other = await clipShowing(
      14,
      new Map([
        [5, 4],
        [6, -3],
      ]),
    )
  })
  afterAll(() => rm(folder, { recursive: true }))

  /** A clip of five frames alike, with the features of `shown`. */
  async function clipShowing(id: number, shown: ReadonlyMap<number, number>): Promise<ClipFeatures> {
    const features = join(folder, `clip-${id}.npy`)
    const values = Float32Array.from({ length: 5 * FEATURES }, (_, i) => shown.get(i % FEATURES) ?? 0)
    await writeFile(features, encodeNpy([5, FEATURES], values))
    return { id, features }
  }

  /** The reviewer says that it is topic 2. */
  const intervention = (strength: number): ClipIntervention => ({
    clip: odd,
    topics: [
      { topic: 2, strength },
      { topic: 1, strength: -strength },
    ],
    neurons: [],
  })
  const wanted = (strength: number) => ({ ...intervention(strength), typed: null })
  const preview = (strength: number, moves = intervention(strength)) =>
    correctionHandlers['corrections.preview'](
      { modelDir, intervention: moves, beam: 5, device: 'cpu' },
      listening(),
    )
  const captionsOf = async (directory: string, ofClips = [...clips, odd]) => {
    const { captions } = await captionerHandlers['captioner.caption'](
      { modelDir: directory, clips: ofClips, decoding: decoding.parse({}), device: 'cpu' },
      listening(),
    )
    return captions.map(({ caption }) => caption)
  }
  /** The parameters that are not the parent's. */
  const changedIn = async (directory: string) => {
    const { parameters } = await loadModel(directory)
    const before = [...(await loadModel(modelDir)).parameters]
    return before
      .filter(([name, { data }]) => !isDeepStrictEqual(parameters.get(name)?.data, data))
      .map(([name]) => name)
  }
  const digest = async (directory: string) =>
    Promise.all(
      (await readdir(directory)).sort().map(async (name) => [
        name,
        createHash('sha256')
          .update(await readFile(join(directory, name)))
          .digest('hex'),
      ]),
    )

  it('a strength of 0 changes nothing', async () => {
    const { before, after, neurons } = await preview(0)
    expect(after).toEqual(before)
    neurons.forEach(({ from, to }) => {
      expect(to).toBe(from)
    })
  })

  it('a strength of 1 moves the neurons to their targets, and says the other sentence', async () => {
    const { before, after, neurons } = await preview(1)
    const plan = planMoves(await readNeuronMap(modelDir), intervention(1))
    expect(neurons).toHaveLength(plan.length)
    for (const { neuron, topic, target } of plan) {
      const moved = neurons.find((change) => change.neuron === neuron)
      expect(moved?.topic).toBe(topic)
      expect(moved?.to).toBeCloseTo(target, 5)
    }
    const changes = neurons.map(({ from, to }) => Math.abs(to - from))
    expect(changes).toEqual([...changes].sort((a, b) => b - a))
    // f reads the move the right way, and so does the decoder.
    expect(after.topics[2]).toBeGreaterThan(before.topics[2] ?? NaN)
    expect(after.topics[1]).toBeLessThan(before.topics[1] ?? NaN)
    expect(before.caption).toContain('dogs')
    expect(after.caption).toContain('piano')
  })

  it('intervenes on many clips at once as on each', async () => {
    const many = [
      intervention(1),
      intervention(0),
      ...clips.slice(0, 6).map((clip) => ({ ...intervention(1), clip })),
    ]
    const { captions } = await correctionHandlers['corrections.intervene'](
      { modelDir, interventions: many, beam: 5, device: 'cpu' },
      listening(),
    )
    expect(captions).toHaveLength(8)
    for (const [i, moves] of many.entries()) {
      const { before, after } = await preview(1, moves)
      expect(captions[i]).toEqual({ before: before.caption, after: after.caption })
    }
  })

  it('is learnt into a new folder: the network itself says it, the other clips keep their captions', async () => {
    const [parentBefore, captionsBefore] = [await digest(modelDir), await captionsOf(modelDir)]
    const intervened = (await preview(1)).after.caption
    const corrected = join(folder, 'corrected')
    const params = {
      parentDir: modelDir,
      modelDir: corrected,
      wanted: [wanted(1)],
      kept: [],
      others: clips,
      ...carryingNothing,
      device: 'cpu',
    }
    const { before, after, steps, captions } = await correctionHandlers['corrections.learn'](
      params,
      listening(),
    )
    expect(captions).toMatchObject([{ wanted: intervened, caption: intervened, lasts: true }])
    // f tells the topic that it is about now, and no more the one that it was about.
    const { before: topicsBefore, after: topicsAfter } = captions[0]!.topics
    expect([topicsBefore[1]! > 0.5, topicsAfter[1]! > 0.5]).toEqual([true, false])
    expect([topicsBefore[2]! > 0.5, topicsAfter[2]! > 0.5]).toEqual([false, true])
    expect(after).toBeGreaterThan(before)
    expect(steps).toBeGreaterThan(0)
    expect(captionsBefore.at(-1)).not.toBe(intervened)
    expect(await captionsOf(corrected)).toEqual([...captionsBefore.slice(0, -1), intervened])
    expect(await digest(modelDir)).toEqual(parentBefore)
    expect(await changedIn(corrected)).toEqual([])

    const twin = join(folder, 'twin')
    await correctionHandlers['corrections.learn']({ ...params, modelDir: twin }, listening())
    expect(await digest(twin)).toEqual(await digest(corrected))
  })

  it('learns what a reviewer typed by neurons, too; no weight changes, and no other caption', async () => {
    const typed = join(folder, 'typed-alone')
    // Another clip that shows the very same is the same to the network.
    const twin = { ...odd, id: 99 }
    const { captions } = await correctionHandlers['corrections.learn'](
      {
        parentDir: modelDir,
        modelDir: typed,
        wanted: [{ clip: odd, topics: [], neurons: [], typed: 'the girl plays her piano' }],
        kept: [],
        others: [...clips, twin],
        ...carryingNothing,
        device: 'cpu',
      },
      listening(),
    )
    expect(captions).toMatchObject([{ caption: 'the girl plays her piano', lasts: true }])
    expect(await changedIn(typed)).toEqual([])
    const sentence = 'the girl plays her piano'
    expect(await captionsOf(typed, [...clips, odd, twin])).toEqual([
      ...(await captionsOf(modelDir)).slice(0, -1),
      sentence,
      sentence,
    ])
  })

  it('shifts each frame by itself for what all frames alike can’t bring', async () => {
    const apart = join(folder, 'apart')
    const sentence = 'the girl is cutting cars'
    const { captions } = await correctionHandlers['corrections.learn'](
      {
        parentDir: modelDir,
        modelDir: apart,
        wanted: [{ clip: odd, topics: [], neurons: [], typed: sentence }],
        kept: [],
        others: clips,
        ...carryingNothing,
        device: 'cpu',
      },
      listening(),
    )
    const { architecture, gates } = await loadModel(apart)
    expect(gates?.exempt[0]?.shift).toHaveLength(5 * neuronCount(architecture))
    expect(captions).toMatchObject([{ caption: sentence }])
    expect(await changedIn(apart)).toEqual([])
    expect(await captionsOf(apart)).toEqual([...(await captionsOf(modelDir)).slice(0, -1), sentence])
  })

  it('learns what a reviewer typed, together with another correction', async () => {
    const corrected = join(folder, 'typed')
    const typed = { clip: other, topics: [], neurons: [], typed: 'Two dogs run along wet roads!' }
    const { captions } = await correctionHandlers['corrections.learn'](
      {
        parentDir: modelDir,
        modelDir: corrected,
        wanted: [typed, wanted(1)],
        kept: [],
        others: clips,
        ...carryingNothing,
        device: 'cpu',
      },
      listening(),
    )
    expect(captions.map(({ lasts }) => lasts)).toEqual([true, true])
    const captionsAfter = await captionsOf(corrected, [...clips, odd, other])
    expect(captionsAfter).toEqual([
      ...(await captionsOf(modelDir)).slice(0, -1),
      (await preview(1)).after.caption,
      'two dogs run along wet roads',
    ])
  })

  it('lasts: other searches and fewer frames give the same caption, and later learning keeps it', async () => {
    const first = join(folder, 'first')
    const params = { wanted: [wanted(1)], kept: [], others: clips, ...carryingNothing, device: 'cpu' }
    const learn = correctionHandlers['corrections.learn']
    const learnt = await learn({ ...params, parentDir: modelDir, modelDir: first }, listening())
    const caption = learnt.captions[0]!.wanted
    const says = async (directory: string, clip: ClipFeatures, search = {}) => {
      const { captions } = await captionerHandlers['captioner.caption'](
        { modelDir: directory, clips: [clip], decoding: decoding.parse(search), device: 'cpu' },
        listening(),
      )
      return captions[0]!.caption
    }
    const searches = [{ method: 'greedy' }, { beam: 3 }, { beam: 5 }, { beam: 10 }]
    expect(await Promise.all(searches.map((search) => says(first, odd, search)))).toEqual(
      searches.map(() => caption),
    )
    const views = await clipViews(odd, 5, 1)
    expect(views.map(({ rows }) => rows)).toEqual([undefined, [1, 2, 3, 4], [0, 1, 2, 3]])
    // Of frames in 2 x 2 cells all four go; a picture has no other view.
    const cut = { ...odd, rows: [0, 1, 2, 3, 4, 4, 4, 4] }
    expect((await clipViews(cut, 8, 2)).map(({ rows }) => rows)).toEqual([
      cut.rows,
      [4, 4, 4, 4],
      [0, 1, 2, 3],
    ])
    expect(await clipViews({ ...odd, rows: [0, 1, 2, 3] }, 8, 2)).toHaveLength(1)
    expect(await Promise.all(views.map((view) => says(first, view)))).toEqual(views.map(() => caption))

    // A clip that shows nearly the same is to say what it says now of the odd one's topic.
    const second = join(folder, 'second')
    const rival = { clip: clips[1]!, topics: [], neurons: [], typed: 'some cars race on wet roads' }
    const { captions, kept } = await learn(
      {
        ...params,
        wanted: [rival],
        kept: [
          { clip: odd, caption },
          { clip: clips[1]!, caption: 'it is corrected again, so that this is no lesson any more' },
        ],
        parentDir: first,
        modelDir: second,
      },
      listening(),
    )
    expect(captions[0]).toMatchObject({ caption: rival.typed })
    expect(kept).toEqual({ held: 1, of: 1 })
    expect([await says(second, clips[1]!), await says(second, odd)]).toEqual([rival.typed, caption])
  })

  it('carries to clips that a probe is sure of, but for those that are left out', async () => {
    // People say of all clips of topic 1 that they bear topic 2 as well; the network does not name it.
    const labelled = clips.map((clip) => ({
      ...clip,
      topics: clip.topics.includes(1) ? [1, 2] : clip.topics,
    }))
    const carry = { topics: [{ topic: 2, words: ['piano', 'girl'] }], train: labelled, validation: labelled }
    const request = { modelDir, carry, clips, exempt: [], device: 'cpu' }
    const { topics, touched } = await correctionHandlers['corrections.carry'](request, listening())
    expect(topics).toEqual([{ topic: 2, area: 1, threshold: expect.any(Number) as number }])
    expect(touched.length).toBeGreaterThan(1)
    for (const { id, topics: named, before, after } of touched) {
      expect([id % SENTENCES.length, named, before]).toEqual([1, [2], sentenceOf({ id })])
      expect(after).toContain('piano')
    }
    const leftOut = clips.filter(({ id }) => id === touched[0]!.id)
    const others = await correctionHandlers['corrections.carry']({ ...request, exempt: leftOut }, listening())
    expect(others.touched).toEqual(touched.slice(1))

    const before = await captionsOf(modelDir)
    const version = join(folder, 'carried')
    const { captions, carried, shown } = await correctionHandlers['corrections.learn'](
      {
        parentDir: modelDir,
        modelDir: version,
        wanted: [wanted(1)],
        kept: [],
        others: clips,
        cells: 1,
        carry,
        leftOut,
        shown: clips,
        device: 'cpu',
      },
      listening(),
    )
    expect(carried).toEqual(topics)
    expect(shown.map(({ id, before: parent, shown: promised }) => [id, parent, promised])).toEqual(
      touched.slice(1).map((clip) => [clip.id, clip.before, clip.after]),
    )
    expect(shown.every(({ isMended }) => isMended)).toBe(true)
    const after = await captionsOf(version)
    expect(after.at(-1)).toBe(captions[0]!.wanted)
    const changed = clips.filter((_, i) => after[i] !== before[i])
    expect(changed.map(({ id }) => id)).toEqual(touched.slice(1).map(({ id }) => id))

    // Few clips have to be captioned to know what all of them say.
    const all = [...clips, odd]
    const against = async (parentDir: string) => {
      const { captions: anew } = await correctionHandlers['corrections.changed'](
        { parentDir, modelDir: version, clips: all, decoding: decoding.parse({}), device: 'cpu' },
        listening(),
      )
      return new Map(anew.map(({ id, caption }) => [id, caption]))
    }
    const anew = await against(modelDir)
    expect(all.map(({ id }, i) => anew.get(id) ?? before[i])).toEqual(after)
    expect(anew.size).toBeLessThan(clips.length)
    expect(await against(version)).toEqual(new Map())
  })

  it('leaves a clip that is left out as it is, where the corrected one’s key would reach it', async () => {
    const near = await clipShowing(13, new Map([...SHOWN].map(([feature, value]) => [feature, 0.9 * value])))
    const says = async (directory: string) => {
      const { captions } = await captionerHandlers['captioner.caption'](
        { modelDir: directory, clips: [near], decoding: decoding.parse({}), device: 'cpu' },
        listening(),
      )
      return captions[0]!.caption
    }
    const learnt = async (name: string, leftOut: ClipFeatures[]) => {
      const version = join(folder, name)
      const params = { ...carryingNothing, leftOut, kept: [], others: clips, device: 'cpu' }
      const result = await correctionHandlers['corrections.learn'](
        { ...params, parentDir: modelDir, modelDir: version, wanted: [wanted(1)] },
        listening(),
      )
      expect(result).toMatchObject({
        captions: [{ caption: (await preview(1)).after.caption }],
        kept: { held: 0, of: 0 },
        leftOut: { held: leftOut.length, of: leftOut.length },
      })
      return says(version)
    }
    const before = await says(modelDir)
    expect(await learnt('near-touched', [])).not.toBe(before)
    expect(await learnt('near-left-out', [near])).toBe(before)
  })

  it('is held where weights are refined afterwards, and the neuron map stays', async () => {
    const [corrected, refined] = [join(folder, 'before-refining'), join(folder, 'refined')]
    const params = { kept: [], others: clips, ...carryingNothing, device: 'cpu' }
    const { captions } = await correctionHandlers['corrections.learn'](
      { ...params, parentDir: modelDir, modelDir: corrected, wanted: [wanted(1)] },
      listening(),
    )
    const caption = captions[0]!.wanted
    const columns = [0, 1, 2, 3]
    const training = { train: clips, validation: clips, epochs: 1, seed: 1, device: 'cpu' }
    await captionerHandlers['captioner.refine'](
      { modelDir: corrected, to: refined, columns, ...training },
      listening(),
    )
    await cp(join(modelDir, 'neurons.safetensors'), join(refined, 'neurons.safetensors'))
    expect((await captionsOf(refined)).at(-1)).not.toBe(caption)
    const { kept } = await correctionHandlers['corrections.hold'](
      {
        modelDir: refined,
        cells: 1,
        kept: [{ clip: odd, caption }],
        leftOut: [],
        others: clips,
        device: 'cpu',
      },
      listening(),
    )
    expect(kept).toEqual({ held: 1, of: 1 })
    expect((await captionsOf(refined)).at(-1)).toBe(caption)
    expect((await readNeuronMap(refined)).topics).toBe(columns.length)
  })

  it('is not learnt when cancelled, without replay, or without a map', async () => {
    const params = {
      parentDir: modelDir,
      modelDir: join(folder, 'never'),
      wanted: [wanted(1)],
      kept: [],
      others: clips,
      ...carryingNothing,
      device: 'cpu',
    }
    const learn = correctionHandlers['corrections.learn']
    await expect(learn(params, listening(AbortSignal.abort()))).rejects.toBeInstanceOf(CancelledError)
    await expect(learn({ ...params, others: [] }, listening())).rejects.toMatchObject({ code: 'NOT_READY' })
    await expect(learn({ ...params, wanted: [] }, listening())).rejects.toMatchObject({ code: 'BAD_INPUT' })
    await expect(
      learn({ ...params, wanted: [{ ...intervention(1), typed: 'a zebra plays a banjo' }] }, listening()),
    ).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: 'The model does not know the words "zebra", "banjo".',
    })
    await expect(learn({ ...params, wanted: [wanted(1), wanted(0.5)] }, listening())).rejects.toMatchObject({
      code: 'BAD_INPUT',
    })
    const mapless = join(folder, 'mapless')
    await cp(modelDir, mapless, { recursive: true })
    await rm(join(mapless, 'neurons.safetensors'))
    await expect(
      correctionHandlers['corrections.preview'](
        { modelDir: mapless, intervention: intervention(1), beam: 5, device: 'cpu' },
        listening(),
      ),
    ).rejects.toMatchObject({ code: 'NOT_READY' })
    expect(await readdir(folder)).not.toContain('never')
  })
})
