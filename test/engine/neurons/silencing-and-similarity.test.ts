/**
 * What neurons do over time, to captions and to words, and which are alike: against the decoder and plain
 * loops.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { captionerHandlers } from '../../../src-main/engine/captioner/index.ts'
import { GREEDY } from '../../../src-main/engine/captioner/decoding/decoder.ts'
import { loadModel } from '../../../src-main/engine/captioner/model-folder.ts'
import { withModel } from '../../../src-main/engine/captioner/loaded-models.ts'
import type {
  CaptionedClip,
  ClipFeatures,
  GeneratedCaption,
} from '../../../src-main/engine-host/contract/index.ts'
import { neuronHandlers } from '../../../src-main/engine/neurons/index.ts'
import { readNeuronMap } from '../../../src-main/engine/neurons/neuron-map.ts'
import {
  FRAMES,
  listening,
  sentenceOf,
  tinySettings,
  trainedCaptioner,
  trainParams,
} from '../captioner/tiny.ts'
import { topicHead } from './topic-head.ts'

const D = 16
const context = listening()
let folder: string
let modelDir: string
let clips: CaptionedClip[]
let v: Map<number, Float32Array[]>

/** Captions of clips with neurons at zero, by the decoder alone. */
const captionsWithout = (
  neurons: readonly number[],
  chosen: readonly ClipFeatures[],
): Promise<GeneratedCaption[]> =>
  withModel(modelDir, { decoding: GREEDY, device: 'cpu', batchSize: 1 }, async ({ decoder, reader }) => {
    const captions: GeneratedCaption[] = []
    for (const clip of chosen) {
      const encoded = await decoder.encode(await reader.batch([clip]))
      for (let i = 0; i < encoded.v.length; i++) {
        if (neurons.includes(i % D)) {
          encoded.v[i] = 0
        }
      }
      captions.push(...(await decoder.decode([{ encoded, ids: [clip.id] }], context.signal)))
    }
    return captions
  })
const interpret = (directory: string) =>
  neuronHandlers['neurons.interpret'](
    {
      modelDir: directory,
      clips,
      train: clips,
      heldOut: [],
      truth: null,
      reference: 'zero',
      videoSet: 'bearing',
      shuffles: 2,
      seed: 1,
      device: 'cpu',
    },
    context,
  )
const mean = (rows: readonly Float32Array[]): number[] =>
  Array.from({ length: D }, (_, j) => rows.reduce((sum, row) => sum + row[j]!, 0) / rows.length)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-silencing-'))
  ;({ clips, modelDir } = await trainedCaptioner(folder))
  await interpret(modelDir)
  v = new Map(
    await withModel(
      modelDir,
      { decoding: GREEDY, device: 'cpu', batchSize: 1 },
      async ({ decoder, reader }) => {
        const all: [number, Float32Array[]][] = []
        for (const clip of clips) {
          const encoded = await decoder.encode(await reader.batch([clip]))
          all.push([
            clip.id,
            Array.from({ length: FRAMES }, (_, t) => encoded.v.slice(t * D, (t + 1) * D)).filter(
              (_, t) => encoded.mask[t] === 1,
            ),
          ])
        }
        return all
      },
    ),
  )
})
afterAll(() => rm(folder, { recursive: true }))

describe('the strip of a clip', () => {
  it('asks f of each frame alone, and silences each neuron of the clip', async () => {
    const model = await loadModel(modelDir)
    const clip = clips[1]!
    const frames = v.get(clip.id)!
    const { topics } = await neuronHandlers['neurons.strip'](
      { modelDir, clip, topics: [2, 1], limit: 3, device: 'cpu' },
      context,
    )
    expect(topics.map(({ topic }) => topic)).toEqual([2, 1])
    const whole = mean(frames)
    for (const { topic, values, neurons } of topics) {
      expect(values).toHaveLength(FRAMES - 1)
      values.forEach((value, t) => {
        expect(value).toBeCloseTo(topicHead(model, frames[t]!)[topic]!, 4)
      })
      const differences = whole.map(
        (_, j) =>
          topicHead(model, whole)[topic]! -
          topicHead(
            model,
            whole.map((x, i) => (i === j ? 0 : x)),
          )[topic]!,
      )
      expect(neurons.map(({ difference }) => difference)).toEqual(
        [...differences]
          .sort((a, b) => b - a)
          .slice(0, 3)
          .map((difference): unknown => expect.closeTo(difference, 4)),
      )
      for (const { neuron, difference, activation } of neurons) {
        expect(difference).toBeCloseTo(differences[neuron]!, 4)
        expect(activation).toEqual(frames.map((frame): unknown => expect.closeTo(frame[neuron]!, 5)))
      }
    }
  })
})

describe('the page of a neuron', () => {
  it('counts every clip once, from the smallest activation to the largest', async () => {
    const {
      histogram: { from, to, counts },
    } = await neuronHandlers['neurons.neuron'](
      { modelDir, neuron: 5, clips, limit: 1, device: 'cpu' },
      context,
    )
    const values = clips.map(({ id }) => mean(v.get(id)!)[5]!)
    expect([from, to]).toEqual([
      expect.closeTo(Math.min(...values), 5),
      expect.closeTo(Math.max(...values), 5),
    ])
    const width = (to - from) / counts.length
    expect(counts).toEqual(
      counts.map(
        (_, bin) =>
          values.filter(
            (value) => Math.min(counts.length - 1, Math.max(0, Math.floor((value - from) / width))) === bin,
          ).length,
      ),
    )
  })
})

describe('silencing', () => {
  it('captions clips with and without neurons, in their order, over more than one batch', async () => {
    const many = Array.from({ length: 40 }, (_, i) => clips[(5 * i) % clips.length]!)
    // All but two: enough that captions change.
    const neurons = Array.from({ length: D - 2 }, (_, j) => j)
    const { captions } = await neuronHandlers['neurons.silence'](
      { modelDir, neurons, clips: many, device: 'cpu' },
      context,
    )
    const [before, after] = [await captionsWithout([], many), await captionsWithout(neurons, many)]
    expect(captions).toEqual(
      many.map(({ id }, i) => ({ id, before: before[i]!.caption, after: after[i]!.caption })),
    )
    expect(captions.map((caption) => caption.before)).toEqual(many.map(sentenceOf))
    expect(captions.some((caption) => caption.before !== caption.after)).toBe(true)
    const unscaled = await neuronHandlers['neurons.silence'](
      { modelDir, neurons, scale: 1, clips: many, device: 'cpu' },
      context,
    )
    expect(unscaled.captions.every((caption) => caption.before === caption.after)).toBe(true)
    await expect(
      neuronHandlers['neurons.silence']({ modelDir, neurons: [D], clips, device: 'cpu' }, context),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('finds the words that grow less likely', async () => {
    // Where a caption stays as it is, the decoder says both probabilities itself.
    const silent = [3, 12]
    const [before, after] = [await captionsWithout([], clips), await captionsWithout(silent, clips)]
    const same = clips.filter((_, i) => before[i]!.caption === after[i]!.caption)
    expect(same.length).toBeGreaterThan(4)
    const falls = new Map<string, number[]>()
    before.forEach(({ caption, words }, i) => {
      if (caption !== after[i]!.caption) {
        return
      }
      words.forEach(({ word, logProbability }, t) => {
        falls.set(word, [...(falls.get(word) ?? []), logProbability - after[i]!.words[t]!.logProbability])
      })
    })
    const expected = [...falls]
      .filter(([, fallsOfWord]) => fallsOfWord.length > 1)
      .map(([word, fallsOfWord]) => {
        const count = fallsOfWord.length
        return [word, { fall: fallsOfWord.reduce((sum, x) => sum + x, 0) / count, count }] as const
      })
    const found = await neuronHandlers['neurons.words'](
      { modelDir, neurons: silent, clips: same, limit: 64, device: 'cpu' },
      context,
    )
    expect(found.clips).toBe(same.length)
    expect(found.words[0]?.fall).toBeGreaterThan(0.001)
    expect(new Map(found.words.map(({ word, ...figures }) => [word, figures]))).toEqual(
      new Map(
        expected.map(([word, { fall, count }]) => [
          word,
          { fall: expect.closeTo(fall, 4) as unknown, count },
        ]),
      ),
    )
    expect(found.words.map(({ fall }) => fall)).toEqual(
      found.words.map(({ fall }) => fall).sort((a, b) => b - a),
    )
  })

  it('reads the clips that excite the neurons most', async () => {
    const activation = (neuron: number, { id }: ClipFeatures) => mean(v.get(id)!)[neuron]!
    const strongest = [...clips].sort((a, b) => activation(4, b) - activation(4, a)).slice(0, 3)
    const words = (chosen: CaptionedClip[], neurons: number[]) =>
      neuronHandlers['neurons.words']({ modelDir, neurons, clips: chosen, limit: 3, device: 'cpu' }, context)
    expect(await words(clips, [4])).toEqual(await words(strongest, [4]))
    // Neither of two neurons has the say because it is the first.
    expect(await words(clips, [4, 11])).toEqual(await words(clips, [11, 4]))
    await expect(words(clips, [D])).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('likeness', () => {
  it('of neurons is the largest correlation over the clips that two runs share', async () => {
    const other = join(folder, 'other')
    await captionerHandlers['captioner.train'](
      trainParams(clips, other, { settings: tinySettings({ epochs: 12 }), seed: 2 }),
      context,
    )
    // Its map has other clips first, and lacks some.
    const shared = clips.slice(3)
    await neuronHandlers['neurons.interpret'](
      {
        modelDir: other,
        clips: [...shared].reverse(),
        train: clips,
        heldOut: [],
        truth: null,
        reference: 'zero',
        videoSet: 'bearing',
        shuffles: 1,
        seed: 1,
        device: 'cpu',
      },
      context,
    )
    const columns = async (dir: string) => {
      const { clipIds, clipMeans } = await readNeuronMap(dir)
      return Array.from({ length: D }, (_, j) =>
        shared.map(({ id }) => clipMeans[clipIds.indexOf(id) * D + j]!),
      )
    }
    const pearson = (a: number[], b: number[]): number => {
      const [ma, mb] = [a, b].map((x) => x.reduce((sum, y) => sum + y, 0) / x.length) as [number, number]
      const dot = (x: number[], mx: number, y: number[], my: number) =>
        x.reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0)
      return dot(a, ma, b, mb) / Math.sqrt(dot(a, ma, a, ma) * dot(b, mb, b, mb))
    }
    const [neurons, otherNeurons] = [await columns(modelDir), await columns(other)]
    const largest = neurons.map((neuron) =>
      Math.max(...otherNeurons.map((otherNeuron) => pearson(neuron, otherNeuron))),
    )
    const compare = (...others: string[]) =>
      neuronHandlers['neurons.stability']({ modelDir, others }, context)
    expect((await compare(other)).neurons.map(({ correlation }) => correlation)).toEqual(
      largest.map((correlation): unknown => expect.closeTo(correlation, 4)),
    )
    const itself = (await compare(modelDir)).neurons
    expect(itself).toEqual(
      itself.map((_, neuron) => ({ neuron, correlation: expect.closeTo(1, 4) as unknown, sameTopic: 1 })),
    )
    const both = (await compare(modelDir, other)).neurons
    both.forEach(({ correlation }, j) => {
      expect(correlation).toBeCloseTo((1 + largest[j]!) / 2, 4)
    })
  })

  it('of clips finds those that show the same', async () => {
    for (const id of [0, 5, 11]) {
      const { clipIds } = await neuronHandlers['neurons.neighbours'](
        { modelDir, clipId: id, limit: 5 },
        context,
      )
      expect(clipIds).toHaveLength(5)
      expect(clipIds).not.toContain(id)
      expect(clipIds.slice(0, 2).map((neighbour) => neighbour % 4)).toEqual([id % 4, id % 4])
    }
    await expect(
      neuronHandlers['neurons.neighbours']({ modelDir, clipId: 99, limit: 1 }, context),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
