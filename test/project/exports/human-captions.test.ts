/** What people said goes out in every format, and comes back into the project, or another one. */
import { mkdtemp, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { captionExportFormat } from '#contract'
import type { CaptionExportFormat } from '#contract'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
let project: string
let folder: string
beforeAll(async () => {
  bench = await createWorkbench()
  project = (await bench.openPrepared('trained')).project
  folder = await mkdtemp(join(bench.folder, 'out-'))
})
afterAll(() => bench.close())

async function exported(format: CaptionExportFormat) {
  const to = join(folder, format)
  const job = await bench.finished(await bench.client.exports.run({ what: 'human-captions', format, to }))
  return { to, notices: job.notices }
}

/** The clips by name, with the texts of their captions. */
function captions(): Record<string, string[]> {
  const { store } = bench.app.project()
  const texts = store.captions.textsByClip()
  return Object.fromEntries(store.clips.all().map(({ id, name }) => [name, (texts.get(id) ?? []).toSorted()]))
}

it.each(captionExportFormat.options)(
  'as %s it is known again where it came from, and comes into an empty project',
  async (format) => {
    await bench.client.project.open({ path: project })
    const before = captions()
    const { to } = await exported(format)
    const isFolder = ['huggingface', 'webvtt', 'srt'].includes(format)
    const files = await readdir(to)
    const path = isFolder
      ? to
      : join(
          to,
          files.find((name) => /^(?:human-captions|tasks|samples)\./.test(name))!,
        )
    const again = await bench.finished(await bench.client.corpus.import({ captions: path }))
    expect(again.result).toMatchObject({ added: 0, captions: 0 })
    expect(captions()).toEqual(before)

    await bench.client.project.create({ path: join(folder, `${format}.vitrine`) })
    await bench.finished(await bench.client.corpus.import({ captions: path }))
    const names = (of: Record<string, string[]>) =>
      Object.fromEntries(
        Object.entries(of).map(([name, texts]) => [name.replace(/^.*\//, '').replace(/\.mp4$/, ''), texts]),
      )
    expect(names(captions())).toEqual(names(before))
  },
)

it('as a folder of Hugging Face it has the videos beside their captions, in folders by split', async () => {
  await bench.client.project.open({ path: project })
  const to = join(folder, 'huggingface')
  const { splits } = (await bench.client.project.summary())!
  const { rows } = await bench.client.corpus.clips({ split: 'train' })
  const lines = (await readFile(join(to, 'train', 'metadata.jsonl'), 'utf8')).trim().split('\n')
  expect(lines).toHaveLength(splits.train)
  const first = JSON.parse(lines[0]!) as { file_name: string; text: string; captions: string[] }
  expect(first.captions[0]).toBe(first.text)
  expect((await stat(join(to, 'train', first.file_name))).size).toBeGreaterThan(0)
  expect((await readdir(join(to, 'train'))).length).toBe(rows.length + 1)
})

it('says what a format loses', async () => {
  const to = join(folder, 'lossy')
  await bench.client.project.open({ path: project })
  const job = await bench.finished(
    await bench.client.exports.run({ what: 'human-captions', format: 'activitynet', to }),
  )
  expect(job.notices).toEqual(['ActivityNet Captions loses language, author, source, time and split.'])
})

it('what a model says goes out as results of COCO, with the references that they are scored against', async () => {
  await bench.client.project.open({ path: project })
  await bench.finished(await bench.client.review.generate({ split: 'test' }))
  const to = join(folder, 'predictions')
  await bench.finished(await bench.client.exports.run({ what: 'captions', to }))
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(to, name), 'utf8')) as unknown
  const results = (await read('coco-results.json')) as { image_id: number; caption: string }[]
  const references = (await read('coco-references.json')) as {
    images: { id: number; file_name: string }[]
    annotations: { image_id: number }[]
  }
  const ids = results.map(({ image_id }) => image_id)
  const plain = (await read('captions.json')) as { captions: { caption: string }[] }
  expect(results.map(({ caption }) => caption)).toEqual(plain.captions.map(({ caption }) => caption))
  expect(new Set(ids).size).toBe(ids.length)
  expect(references.images.map(({ id }) => id)).toEqual(ids)
  expect(new Set(references.annotations.map(({ image_id }) => image_id))).toEqual(new Set(ids))
})

it('what a model says comes back as the captions of another system', async () => {
  await bench.client.project.open({ path: project })
  const { store } = bench.app.project()
  const captionsOf = (modelId: number) =>
    store.generated
      .all(modelId, 'test')
      .map(({ clipId, caption }) => [clipId, caption])
      .sort()
  const to = join(folder, 'captions again')
  await bench.finished(await bench.client.exports.run({ what: 'captions', modelId: 1, to }))
  const job = await bench.finished(
    await bench.client.training.importModel({ path: join(to, 'captions.csv'), name: 'again' }),
  )
  const [modelId] = job.result?.kind === 'modelImport' ? [job.result.modelId] : []
  expect(captionsOf(modelId!)).toEqual(captionsOf(1))
  expect(captionsOf(1).length).toBeGreaterThan(2)
})
