/** A classifier of actions goes along with its model: it tells the classes that the program tells, and comes in again. */
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ActionHead, ActionsResult } from '#contract'
import { probabilitiesOf } from '../../../src-main/engine/actions/classifier.ts'
import { activations } from '../../../src-main/engine/neurons/activations.ts'
import { withNeurons } from '../../../src-main/engine/neurons/source.ts'
import { clipFeatures } from '../../../src-main/project/workspace.ts'
import { PYTHON, pythonWith } from '../../python.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

// Below node_modules, so that caption.mjs finds onnxruntime-node as it would beside an installation of it.
const CACHE = resolve('node_modules/.cache')
const run = promisify(execFile)
let bench: Workbench
let exported: string
let result: ActionsResult
let head: ActionHead
/** Some clips: their features, and the classes that the program tells them by, the likeliest first. */
let known: { features: string; answers: { name: string; probability: number }[] }[]

beforeAll(async () => {
  bench = await createWorkbench()
  const { sample } = await bench.openPrepared('trained')
  await bench.finished(await bench.client.actions.transfer({ clips: join(sample, 'actions'), folds: 2 }))
  ;[result] = (await bench.client.actions.results()) as [ActionsResult]
  await mkdir(CACHE, { recursive: true })
  exported = join(await mkdtemp(join(CACHE, 'vitrine-export-')), 'captioner')
  await bench.finished(await bench.client.exports.run({ what: 'model', to: exported }))
  const project = bench.app.project()
  head = project.store.actions.head(result.id, 0)!
  const model = project.store.models.get(1)
  const clips = project.store.clips
    .all('test')
    .slice(0, 3)
    .map(({ id }) => clipFeatures(project, model.featureKey!, id))
  const measured = await withNeurons(join(project.folder, model.folder), { device: 'cpu' }, (source) =>
    activations(source, clips, new AbortController().signal),
  )
  const trained = {
    mean: Float64Array.from(head.mean),
    factor: Float64Array.from(head.factor),
    weights: Float64Array.of(...head.weights, ...head.bias),
    strength: head.strength,
  }
  const problem = { features: measured.map(({ mean }) => mean), classes: result.classes.length }
  known = clips.map(({ features }, place) => {
    const probabilities = probabilitiesOf(trained, problem, place)
    const answers = result.classes.map((name, k) => ({ name, probability: probabilities[k]! }))
    return { features, answers: answers.sort((a, b) => b.probability - a.probability) }
  })
})
afterAll(async () => {
  await bench.close()
  await rm(join(exported, '..'), { recursive: true, force: true })
})

async function tellsAsKnown(program: string, script: string): Promise<void> {
  for (const { features, answers } of known) {
    const { stdout } = await run(program, [join(exported, script), '--classes', features])
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => line.split('\t'))
    expect(lines.map(([, name]) => name).sort()).toEqual([...result.classes].sort())
    expect(lines[0]![1]).toBe(answers[0]!.name)
    for (const [probability, name] of lines) {
      const ours = answers.find((other) => other.name === name)!
      expect(Math.abs(Number(probability) - ours.probability)).toBeLessThan(1e-4)
    }
  }
}

test('it tells classes in Node as the program does', () => tellsAsKnown(process.execPath, 'caption.mjs'))

test('it tells classes in Python as the program does, by a valid graph', async (context) => {
  const reason = await pythonWith('numpy', 'onnxruntime', 'onnx')
  context.skip(reason !== null, reason ?? '')
  await tellsAsKnown(PYTHON, 'caption.py')
  const check = 'import onnx, sys; onnx.checker.check_model(sys.argv[1], full_check=True)'
  await run(PYTHON, ['-c', check, join(exported, 'classes.onnx')])
})

test('the card and classes.json have its figures', async () => {
  const [{ accuracy, perClass }] = result.sources as [ActionsResult['sources'][number]]
  const file = JSON.parse(await readFile(join(exported, 'classes.json'), 'utf8')) as object
  expect(file).toMatchObject({ classes: result.classes, corpus: 'actions', figures: { accuracy, perClass } })
  const card = await readFile(join(exported, 'README.md'), 'utf8')
  const ends = [accuracy.value, accuracy.low!, accuracy.high!].map((figure) => figure.toFixed(3))
  expect(card).toContain(`| accuracy | ${ends[0]!} [${ends[1]!}, ${ends[2]!}] |`)
  expect(card).toContain(`| ${result.classes[0]!} | 2 |`)
})

/** A copy of the export with the file of its classes changed. */
async function altered(change: (json: { classes: string[] }) => void): Promise<string> {
  const folder = join(await mkdtemp(join(bench.folder, 'altered-')), 'captioner')
  await cp(exported, folder, { recursive: true })
  const path = join(folder, 'classes.json')
  const json = JSON.parse(await readFile(path, 'utf8')) as { classes: string[] }
  change(json)
  await writeFile(path, JSON.stringify(json))
  return folder
}

test('it comes into another project with its model, goes out again as it came, and is refused where it is not whole', async () => {
  const { client } = bench
  await bench.openPrepared('imported')
  const takeIn = (folder: string) => client.training.importExportedModel({ folder })
  const fewer = await altered((json) => json.classes.pop())
  expect(await bench.failure(await takeIn(fewer))).toMatch(
    /classes\.json .*its figures are not of its classes/,
  )
  const without = await altered(() => {})
  await rm(join(without, 'classes.safetensors'))
  expect(await bench.failure(await takeIn(without))).toMatch(/not of one model: it has 9 and 0 classes/)

  await bench.finished(await takeIn(exported))
  const [here] = await client.actions.results()
  const [theirs] = result.sources
  expect(here).toMatchObject({ classes: result.classes, source: 'actions', createdAt: result.createdAt })
  expect(here!.sources).toEqual([{ ...theirs, leaning: null }])
  expect(bench.app.project().store.actions.head(here!.id, 0)).toEqual(head)
  expect(await client.actions.clips({ id: here!.id })).toEqual([])

  const again = join(await mkdtemp(join(bench.folder, 'again-')), 'captioner')
  await bench.finished(await client.exports.run({ what: 'model', to: again }))
  for (const name of ['classes.json', 'classes.onnx', 'classes.safetensors', 'model.safetensors']) {
    expect(await readFile(join(again, name))).toEqual(await readFile(join(exported, name)))
  }
})
