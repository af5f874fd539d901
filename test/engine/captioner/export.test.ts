/** An exported model, run by its own scripts, against the program that exported it. */
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decoding } from '#contract'
import { captionerHandlers } from '../../../src-main/engine/captioner/index.ts'
import { withModel } from '../../../src-main/engine/captioner/loaded-models.ts'
import { loadModel, saveModel } from '../../../src-main/engine/captioner/model-folder.ts'
import type { CaptionedClip, GeneratedCaption } from '../../../src-main/engine-host/contract/index.ts'
import { createSession, floats } from '../../../src-main/engine/graph/session.ts'
import { encodeNpy, readNpy } from '../../../src-main/formats/npy.ts'
import { PYTHON, pythonWith } from '../../python.ts'
import { FEATURES, FRAMES, listening, trainedCaptioner } from './tiny.ts'

const run = promisify(execFile)

// Below node_modules, so that caption.mjs finds onnxruntime-node as it would beside an installation of it.
const CACHE = resolve('node_modules/.cache')
let folder: string
let clips: CaptionedClip[]
let expected: GeneratedCaption[]
/** Captions that take the likeliest word at every step. */
let greedy: string[]
beforeAll(async () => {
  await mkdir(CACHE, { recursive: true })
  folder = await mkdtemp(join(CACHE, 'vitrine-export-'))
  // Projection and kept features: the whole transform has to be in the exported graph. Half trained, so that
  // the beam has a choice.
  const trained = await trainedCaptioner(folder, {
    projection: 3,
    keepFeatures: true,
    epochs: 16,
    lengthNormalisation: 0,
  })
  clips = trained.clips
  const { files } = await captionerHandlers['captioner.export'](
    { modelDir: trained.modelDir, to: join(folder, 'export'), frames: null, classifier: null },
    listening(),
  )
  const listed = new Set(files.map(({ name }) => name.split('/')[0]))
  expect([...listed].sort()).toEqual((await readdir(join(folder, 'export'))).sort())
  expected = await captionsOf(trained.modelDir, clips)
  greedy = textsOf(await captionsOf(trained.modelDir, clips, 'greedy'))
  expect((await loadModel(trained.modelDir)).transform.projection).not.toBeNull()
})
afterAll(() => rm(folder, { recursive: true }))

/** What the program says. */
async function captionsOf(
  modelDir: string,
  of: readonly CaptionedClip[],
  method: 'beam' | 'greedy' = 'beam',
): Promise<GeneratedCaption[]> {
  const { captions } = await captionerHandlers['captioner.caption'](
    { modelDir, clips: [...of], decoding: decoding.parse({ method }), device: 'cpu' },
    listening(),
  )
  return captions
}
const textsOf = (captions: readonly GeneratedCaption[]): string[] => captions.map(({ caption }) => caption)

/** What an export says, in processes of its own. */
const saidBy = (
  exported: string,
  { python, greedily = false }: { python?: true; greedily?: boolean },
  of = clips,
) =>
  Promise.all(
    of.map(async ({ features }) => {
      const script = join(folder, exported, python ? 'caption.py' : 'caption.mjs')
      const { stdout } = await run(python ? PYTHON : process.execPath, [
        script,
        ...(greedily ? ['--greedy'] : []),
        features,
      ])
      return stdout.trim()
    }),
  )

it('captions in Node in a single call as the program does greedily', async () => {
  expect(new Set(greedy).size).toBeGreaterThan(2)
  expect(await saidBy('export', { greedily: true })).toEqual(greedy)
})

it('captions in Node as the program does, clips of any length', async () => {
  // One clip of each length, and of each topic.
  for (const index of [0, 1, 2, 3]) {
    const { stdout } = await run(process.execPath, [
      join(folder, 'export', 'caption.mjs'),
      clips[index]?.features ?? '',
    ])
    expect(stdout.trim()).toBe(expected[index]?.caption)
  }
})

it('ranks as the model is set', async () => {
  const described: unknown = JSON.parse(await readFile(join(folder, 'export', 'vocabulary.json'), 'utf8'))
  expect(described).toMatchObject({ lengthNormalisation: 0 })
})

it('reads features of half precision, which change no caption', async () => {
  const { shape, data } = await readNpy(clips[3]?.features ?? '')
  const half = join(folder, 'half.npy')
  await writeFile(half, encodeNpy(shape, new Float16Array(data)))
  const { stdout } = await run(process.execPath, [join(folder, 'export', 'caption.mjs'), half])
  expect(stdout.trim()).toBe(expected[3]?.caption)
})

it('scores topics as the program does, whatever the padding', async () => {
  const encoder = await createSession(await readFile(join(folder, 'export', 'encoder.onnx')))
  for (const [i, { features }] of clips.entries()) {
    const { shape, data } = await readNpy(features)
    const padded = new Float32Array(FRAMES * FEATURES)
    padded.set(data)
    const mask = new Float32Array(FRAMES).fill(1, 0, shape[0])
    const out = await encoder.run({
      features: { shape: [FRAMES, FEATURES], data: padded },
      mask: { shape: [FRAMES], data: mask },
    })
    floats(out, 'topics').forEach((score, k) => {
      expect(score).toBeCloseTo(expected[i]?.topics[k] ?? NaN, 4)
    })
  }
  await encoder.release()
})

const python = await pythonWith('numpy', 'onnxruntime')

describe('with gates and a codebook', () => {
  let captionsOfAll: string[]
  let greedyOfAll: string[]
  beforeAll(async () => {
    const modelDir = join(folder, 'gated')
    const model = await loadModel(join(folder, 'model'))
    const [shown, exempt, corrected] = await meansOf(join(folder, 'model'), [clips[1]!, clips[4]!, clips[2]!])
    // Sure of clips that f finds the first sentence in, which the probe alone is not; they are to look as the second one.
    const weights = new Array<number>(3 * FEATURES).fill(0).with(2, -0.1)
    const moves = Array.from(shown!, (target, neuron) => ({ neuron, target, strength: 1 }))
    const gate = { topic: 0, words: ['dogs'], weights, bias: 0.2, topicShare: 1, threshold: 0.5, moves }
    // The third clip was corrected to what is said of the second one.
    const difference = shown!.map((value, neuron) => value - corrected![neuron]!)
    // Every frame's own: a little less and a little more of it by turns.
    const shift = Float32Array.from(
      { length: FRAMES * difference.length },
      (_, i) =>
        difference[i % difference.length]! * (Math.floor(i / difference.length) % 2 === 0 ? 0.8 : 1.2),
    )
    // It would be said of the third clip again, if gates looked at it.
    const piano = { ...gate, words: ['piano'], bias: 1, threshold: 0, moves: [] }
    const gates = {
      gates: [gate, piano],
      exempt: [
        { key: [...exempt!], radius: 1e-3, shift: null },
        { key: [...corrected!], radius: 1e-3, shift },
      ],
    }
    await saveModel(modelDir, { ...model, gates })
    expect((await loadModel(modelDir)).gates).toEqual(gates)
    await captionerHandlers['captioner.export'](
      { modelDir, to: join(folder, 'gated-export'), frames: null, classifier: null },
      listening(),
    )
    captionsOfAll = textsOf(await captionsOf(modelDir, clips.slice(0, 5)))
    greedyOfAll = textsOf(await captionsOf(modelDir, clips.slice(0, 5), 'greedy'))
  })

  it('looks again at clips that a gate is sure of, but not at those that are exempt', () => {
    expect(captionsOfAll[0]).toContain('dogs')
    const unlike = captionsOfAll.map((caption, i) => caption !== expected[i]!.caption)
    expect(unlike).toEqual([true, false, true, false, false])
  })

  it('shifts the neurons of a clip that was corrected', () => {
    expect(captionsOfAll[2]).toContain('dogs')
    expect(greedyOfAll[2]).toContain('dogs')
  })

  it('captions in Node as the program does', async () => {
    expect(await saidBy('gated-export', {}, clips.slice(0, 5))).toEqual(captionsOfAll)
  })

  it('looks again in the single call', async () => {
    expect(greedyOfAll[0]).toContain('dogs')
    expect(greedyOfAll[0]).not.toBe(greedy[0])
    expect(greedyOfAll[4]).toBe(greedy[4])
    expect(await saidBy('gated-export', { greedily: true }, clips.slice(0, 5))).toEqual(greedyOfAll)
  })

  it('captions in Python as the program does', async (context) => {
    context.skip(python !== null, python ?? '')
    expect(await saidBy('gated-export', { python: true }, clips.slice(0, 5))).toEqual(captionsOfAll)
    expect(await saidBy('gated-export', { python: true, greedily: true }, clips.slice(0, 5))).toEqual(
      greedyOfAll,
    )
  })
})

/** v-bar of clips. */
const meansOf = (modelDir: string, of: readonly CaptionedClip[]): Promise<Float32Array[]> =>
  withModel(
    modelDir,
    { decoding: decoding.parse({}), device: 'cpu', batchSize: of.length },
    async ({ decoder, reader }) => {
      const { means } = await decoder.topics(await decoder.encode(await reader.batch(of)))
      return means.map((mean) => mean.slice())
    },
  )

it('says in one line what is wrong with a feature file', async () => {
  const wide = join(folder, 'wide.npy')
  await writeFile(wide, encodeNpy([2, FEATURES + 1], new Float32Array(2 * (FEATURES + 1))))
  const failed = run(process.execPath, [join(folder, 'export', 'caption.mjs'), wide])
  await expect(failed).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^.*wide\.npy has shape \(2, 9\).*\n$/) as string,
  })
})

it('captions in Python as the program does', async (context) => {
  context.skip(python !== null, python ?? '')
  expect(await saidBy('export', { python: true }, clips.slice(0, 4))).toEqual(textsOf(expected).slice(0, 4))
  expect(await saidBy('export', { python: true, greedily: true })).toEqual(greedy)
})

it('is valid ONNX, with gates and without', async (context) => {
  const reason = await pythonWith('onnx')
  context.skip(reason !== null, reason ?? '')
  const networks = ['encoder', 'decoder', 'captioner', 'memory'].map((name) =>
    join(folder, 'gated-export', `${name}.onnx`),
  )
  const check = 'import onnx, sys\nfor path in sys.argv[1:]: onnx.checker.check_model(path, full_check=True)'
  await run(PYTHON, ['-c', check, join(folder, 'export', 'captioner.onnx'), ...networks])
})

it('holds a script that Python compiles', async (context) => {
  const reason = await pythonWith()
  context.skip(reason !== null, reason ?? '')
  const scratch = await mkdtemp(join(tmpdir(), 'vitrine-export-'))
  await cp(join(folder, 'export', 'caption.py'), join(scratch, 'caption.py'))
  await run(PYTHON, ['-m', 'py_compile', join(scratch, 'caption.py')])
  await rm(scratch, { recursive: true })
  expect(String(await readFile(join(folder, 'export', 'FILES.md')))).toContain('caption.py')
})
