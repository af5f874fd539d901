/** An exported model in another project: used, interpreted and trained further there; and exports that are not whole. */
import { execFileSync } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decodeSafetensors, encodeSafetensors } from '../../../src-main/formats/safetensors.ts'
import { FRAMES } from '../../prepared.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
let exported: string
/** What the model says in its own project, by the clip's name. */
let spoken: Map<string, string>
let labels: string[]

beforeAll(async () => {
  bench = await createWorkbench()
  await bench.openPrepared('trained')
  exported = join(await mkdtemp(join(bench.folder, 'out-')), 'captioner')
  await bench.finished(await bench.client.exports.run({ what: 'model', to: exported }))
  spoken = captionsOf(1)
  labels = (await bench.client.topics.list()).topics.map(({ label }) => label)
  await bench.openPrepared('imported')
})
afterAll(() => bench.close())

function captionsOf(modelId: number): Map<string, string> {
  const { store } = bench.app.project()
  return new Map(
    store.generated
      .all(modelId, 'test')
      .map(({ clipId, caption }) => [store.clips.get(clipId).name, caption]),
  )
}

const takeIn = (folder: string, replaceTopics = false) =>
  bench.client.training.importExportedModel({ folder, replaceTopics })

/** A copy of the export with a file changed. */
async function altered(name: string, change: (content: Buffer) => string | Uint8Array): Promise<string> {
  const folder = join(await mkdtemp(join(bench.folder, 'altered-')), 'captioner')
  await cp(exported, folder, { recursive: true })
  await writeFile(join(folder, name), change(await readFile(join(folder, name))))
  return folder
}

const withJson = (change: (json: Record<string, unknown>) => void) => (content: Buffer) => {
  const json = JSON.parse(content.toString()) as Record<string, unknown>
  change(json)
  return JSON.stringify(json)
}

/** Each way of being broken, and what is said of it. */
const BROKEN: [string, () => Promise<string>, RegExp][] = [
  ['cut short', () => altered('model.safetensors', (bytes) => bytes.subarray(0, -5)), /model\.safetensors/],
  [
    'of another size',
    () =>
      altered(
        'config.json',
        withJson((json) => (json['topics'] = 7)),
      ),
    /model\.safetensors is damaged/,
  ],
  [
    'with numbers that are not finite',
    () =>
      altered('model.safetensors', (bytes) => {
        const tensors = decodeSafetensors(bytes)
        tensors.get('gate.hidden')!.data[0] = NaN
        return Buffer.concat(encodeSafetensors(tensors))
      }),
    /gate\.hidden holds numbers that are not finite/,
  ],
  [
    'with topics of another model',
    () =>
      altered(
        'topics.json',
        withJson((json) => (json['topics'] = (json['topics'] as unknown[]).slice(1))),
      ),
    /not of one model: it has 5 and 6 topics/,
  ],
  [
    'with an encoder whose name leads elsewhere',
    () =>
      altered('preprocessing.json', (bytes) =>
        bytes.toString().replaceAll('objectron-mobilenetv2', '../../outside'),
      ),
    /preprocessing\.json is not as an export/,
  ],
  ['with topics that are no JSON', () => altered('topics.json', () => '{'), /topics\.json .* it is not JSON/],
  [
    'without its topics',
    async () => {
      const folder = await altered('topics.json', () => '')
      await rm(join(folder, 'topics.json'))
      return folder
    },
    /topics\.json/,
  ],
  [
    'with a pipe in the place of a file',
    async () => {
      const folder = await altered('config.json', () => '')
      await rm(join(folder, 'config.json'))
      execFileSync('mkfifo', [join(folder, 'config.json')])
      return folder
    },
    /config\.json/,
  ],
]

test.each(BROKEN)('one that is %s is refused, and nothing of it stays', async (_, make, sentence) => {
  const { store, folder } = bench.app.project()
  expect(await bench.failure(await takeIn(await make()))).toMatch(sentence)
  expect(store.models.list()).toEqual([])
  expect(store.topics.settled()).toEqual([])
  expect(await readdir(join(folder, 'models')).catch(() => [])).toEqual([])
})

test('comes in with its topics, and says the same of the same clips', async () => {
  const { client } = bench
  const job = await bench.finished(await takeIn(exported))
  expect(job.notices.join(' ')).toContain(`--encoder objectron-mobilenetv2 --frames ${FRAMES} --grid 1`)
  expect((await client.topics.list()).topics.map(({ label }) => label)).toEqual(labels)
  await bench.finished(await client.corpus.computeFeatures({ frames: FRAMES, grid: 1 }))
  await bench.finished(await client.review.generate({ modelId: 1, split: 'test' }))
  const here = captionsOf(1)
  for (const [clip, caption] of spoken) {
    expect(here.get(clip)).toBe(caption)
  }
  expect(spoken.size).toBeGreaterThan(2)
  expect(await client.training.model({ modelId: 1 })).toMatchObject({
    kind: 'interpretive',
    origin: 'imported',
    state: 'ready',
    current: true,
    stale: [],
  })
})

test('is interpreted, and trained further', async () => {
  const { client } = bench
  await bench.finished(await client.neurons.interpret({ modelId: 1 }))
  const { neurons } = bench.app.project().store.neurons.get(1)!
  expect(neurons.some(({ topicId }) => topicId !== null)).toBe(true)
  const job = await bench.finished(await client.training.refine({ modelId: 1, epochs: 1 }))
  expect(job.result).toMatchObject({ kind: 'train', modelIds: [2] })
})

test('topics of the same names are its own; others go only where that was said', async () => {
  const { client } = bench
  const { store } = bench.app.project()
  const before = store.topics.current().map(({ id }) => id)
  await bench.finished(await takeIn(exported))
  expect(store.topics.current().map(({ id }) => id)).toEqual(before)
  expect(store.models.get(3).topics).toEqual(before)

  await client.topics.edit({ edit: 'rename', topicId: before[0]!, label: 'something else' })
  expect(await bench.failure(await takeIn(exported))).toMatch(/6 topics of its own/)
  await bench.finished(await takeIn(exported, true))
  expect((await client.topics.list()).topics.map(({ label }) => label)).toEqual(labels)
  await client.project.undo()
  expect(store.topics.current().map(({ id }) => id)).toEqual(before)
})
