/** An exported model, which takes videos, against the project that it came from. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Evaluation } from '#contract'
import { readNpy } from '../../../src-main/formats/npy.ts'
import { clipFeatures } from '../../../src-main/project/workspace.ts'
import { absolutePath } from '../../../src-main/store/index.ts'
import { PYTHON, pythonWith } from '../../python.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

/** A clip of the test split, and what the project knows of it. */
interface Known {
  video: string
  features: string
  caption: string
}

// Below node_modules, so that caption.mjs finds onnxruntime-node as it would beside an installation of it.
const CACHE = resolve('node_modules/.cache')
const run = promisify(execFile)
let bench: Workbench
let exported: string
let known: Known[]
let greedy: string[]
/** As they are when it is exported. */
let evaluations: Evaluation[]

beforeAll(async () => {
  bench = await createWorkbench()
  await bench.openPrepared('trained')
  await mkdir(CACHE, { recursive: true })
  exported = await mkdtemp(join(CACHE, 'vitrine-export-'))
  await bench.finished(await bench.client.exports.run({ what: 'model', to: exported }))
  evaluations = bench.app.project().store.models.evaluations(1)
  known = knownClips()
  await bench.finished(await bench.client.review.generate({ split: 'test', method: 'greedy' }))
  greedy = knownClips().map(({ caption }) => caption)
})
afterAll(async () => {
  await bench.close()
  await rm(exported, { recursive: true, force: true })
})

function knownClips(): Known[] {
  const project = bench.app.project()
  const { featureKey } = project.store.models.get(1)
  return project.store.generated.all(1, 'test').map(({ clipId, caption }) => ({
    video: absolutePath(project.folder, project.store.clips.get(clipId).path!),
    features: clipFeatures(project, featureKey!, clipId).features,
    caption,
  }))
}

/** Runs a program of the export; what it printed, and how alike the features that it saw are to those of the project. */
async function captionOf({ video, features }: Known, [program, ...command]: string[]) {
  const seen = join(exported, 'seen.npy')
  const script = join(exported, program === PYTHON ? 'caption.py' : 'caption.mjs')
  const { stdout } = await run(program!, [script, ...command, '--features', seen, video])
  const likeness = cosine((await readNpy(seen)).data, (await readNpy(features)).data)
  await rm(seen)
  return { caption: stdout.trim(), likeness }
}

function cosine(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length)
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}

test('holds the frame encoder, and says what a video becomes before it', async () => {
  expect(await readdir(exported)).toEqual(expect.arrayContaining(['frames.onnx', 'preprocessing.json']))
  const how: unknown = JSON.parse(await readFile(join(exported, 'preprocessing.json'), 'utf8'))
  expect(how).toMatchObject({
    features: { origin: { encoder: 'objectron-mobilenetv2' }, frames: 4 },
    encoder: { licence: 'Apache-2.0' },
    video: { frames: 4, width: 224 },
  })
  expect(known.length).toBeGreaterThan(2)
})

test('captions videos in Node as the project does', async () => {
  for (const [i, clip] of known.slice(0, 3).entries()) {
    const { caption, likeness } = await captionOf(clip, [process.execPath])
    expect(likeness).toBeGreaterThan(0.999)
    expect(caption).toBe(clip.caption)
    expect((await captionOf(clip, [process.execPath, '--greedy'])).caption).toBe(greedy[i])
  }
})

test('captions videos in Python as the project does', async (context) => {
  const reason = await pythonWith('numpy', 'onnxruntime')
  context.skip(reason !== null, reason ?? '')
  for (const clip of known.slice(0, 3)) {
    const { caption, likeness } = await captionOf(clip, [PYTHON])
    expect(likeness).toBeGreaterThan(0.999)
    expect(caption).toBe(clip.caption)
  }
})

test('goes from frames to words in one valid graph', async (context) => {
  const reason = await pythonWith('onnx')
  context.skip(reason !== null, reason ?? '')
  const check = 'import onnx, sys; onnx.checker.check_model(sys.argv[1], full_check=True)'
  await run(PYTHON, ['-c', check, join(exported, 'frames.onnx')])
})

test('has a card that the Hugging Face hub reads, with its figures', async (context) => {
  const reason = await pythonWith('huggingface_hub', 'yaml')
  context.skip(reason !== null, reason ?? '')
  const read = [
    'import json, sys',
    'from huggingface_hub import ModelCard',
    'card = ModelCard.load(sys.argv[1])',
    'results = [[one.dataset_split, one.metric_name, one.metric_value] for one in card.data.eval_results]',
    'print(json.dumps({"task": card.data.pipeline_tag, "results": results, "text": card.text}))',
  ]
  const { stdout } = await run(PYTHON, ['-c', read.join('\n'), join(exported, 'README.md')])
  const card = JSON.parse(stdout) as { task: string; results: [string, string, number][]; text: string }
  expect(card.task).toBe('video-text-to-text')
  for (const { split, metrics, intervals } of evaluations) {
    const { low, high } = intervals!['CIDEr']!
    expect(card.results).toContainEqual([split, 'CIDEr', Number(metrics.CIDEr.toFixed(4))])
    const cell = `${metrics.CIDEr.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`
    expect(card.text).toContain(`| CIDEr | ${cell} |`)
  }
  const [first] = (await bench.client.topics.list()).topics
  expect(card.text).toContain(first!.label)
  expect(card.text).toContain('Apache-2.0')
})

test('has its numbers as safetensors, and its neurons and topics as plain files', async (context) => {
  const { words } = JSON.parse(await readFile(join(exported, 'config.json'), 'utf8')) as { words: string[] }
  const neurons = JSON.parse(await readFile(join(exported, 'neurons.json'), 'utf8')) as { neurons: unknown[] }
  const topics = JSON.parse(await readFile(join(exported, 'topics.json'), 'utf8')) as {
    topics: { label: string; words: { word: string }[] }[]
  }
  const known = await bench.client.training.model({ modelId: 1 })
  expect(neurons.neurons).toHaveLength(known.neurons!)
  expect(topics.topics).toHaveLength(known.topics.length)
  expect(topics.topics.some(({ words: ofTopic }) => ofTopic.length > 0)).toBe(true)
  const reason = await pythonWith('safetensors', 'numpy')
  context.skip(reason !== null, reason ?? '')
  const read =
    'import sys, json; from safetensors.numpy import load_file; print(json.dumps({k: v.shape for k, v in load_file(sys.argv[1]).items()}))'
  const { stdout } = await run(PYTHON, ['-c', read, join(exported, 'model.safetensors')])
  const shapes = JSON.parse(stdout) as Record<string, number[]>
  expect(shapes['embedding']![0]).toBe(words.length)
  expect(shapes['output.word']![1]).toBe(words.length)
})
