/** Models fetched from a hub on this machine: what is asked for, what is sent, and what a bad connection leaves. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CancelledError } from '../../src-main/common/failures.ts'
import { download } from '../../src-main/hub/download.ts'
import { filesToFetch, findModel } from '../../src-main/hub/listing.ts'
import type { HubFile, HubModel } from '../../src-main/hub/listing.ts'
import { hubOf } from '../../src-main/hub/requests.ts'
import { tinyModel } from './model.ts'
import { REVISION, serveHub } from './server.ts'
import type { TestHub } from './server.ts'

const TOKEN = 'hf_secret'
const NETWORK = 'onnx/vision_model.onnx'

let server: TestHub
let folder: string
beforeEach(async () => {
  server = await serveHub({
    'someone/tiny-clip': { 'config.json': Buffer.from('{}') },
    'Xenova/tiny-clip': tinyModel(),
  })
  folder = mkdtempSync(join(tmpdir(), 'vitrine-hub-'))
})
afterEach(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

const hub = () => hubOf({ HF_ENDPOINT: server.endpoint, HF_TOKEN: TOKEN })
const find = (name = 'someone/tiny-clip', revision: string | null = null) =>
  findModel(hub(), { name, revision, signal: new AbortController().signal })

/** Fetches the model; `onProgress` hears how much is here. */
const fetchModel = (
  model: HubModel,
  {
    onProgress = () => {},
    signal = new AbortController().signal,
  }: Partial<Parameters<typeof download>[1]> = {},
) =>
  download(hub(), {
    id: model.id,
    revision: model.revision,
    files: filesToFetch(model, 'fp32'),
    folder,
    signal,
    onProgress,
  })

const bytesOf = (files: readonly HubFile[]): number => files.reduce((sum, { bytes }) => sum + bytes, 0)
/** How much there is to fetch before the network. */
const beforeNetwork = (model: HubModel): number =>
  bytesOf(filesToFetch(model, 'fp32').filter(({ path }) => path !== NETWORK))

describe('a model by its name', () => {
  it('is found where it was converted, with its licence, and fetched at one revision without its text part', async () => {
    const model = await find()
    expect(model).toMatchObject({ id: 'Xenova/tiny-clip', revision: REVISION, licence: 'mit' })
    const reports: number[] = []
    await fetchModel(model, { onProgress: (bytes) => reports.push(bytes) })
    expect(reports.at(-1)).toBe(bytesOf(filesToFetch(model, 'fp32')))
    expect(reports).toEqual(reports.toSorted((a, b) => a - b))
    expect((await readdir(folder, { recursive: true })).toSorted()).toEqual(
      ['README.md', 'config.json', 'onnx', NETWORK, 'preprocessor_config.json'].toSorted(),
    )
    expect(readFileSync(join(folder, NETWORK))).toEqual(Buffer.from(tinyModel()[NETWORK] ?? []))
    const resolved = server.requests.filter(({ path }) => path.includes('/resolve/'))
    expect(resolved.every(({ path }) => path.startsWith(`/Xenova/tiny-clip/resolve/${REVISION}/`))).toBe(true)
  })

  it('is asked for with the token, which the file store that the hub leads to never sees', async () => {
    await fetchModel(await find('Xenova/tiny-clip'))
    const byStore = server.requests
      .filter(({ path }) => path.endsWith(NETWORK))
      .map(({ authorization }) => authorization)
    expect(byStore).toEqual([`Bearer ${TOKEN}`, undefined])
  })

  it('is not fetched again where it is', async () => {
    const model = await find()
    await fetchModel(model)
    const before = server.requests.length
    await fetchModel(model)
    expect(server.requests.length).toBe(before)
  })
})

describe('a bad connection', () => {
  it('leaves what came, and the next try asks for the rest', async () => {
    const model = await find()
    server.stallsAfter.set(NETWORK, 100)
    const onProgress = (bytes: number): void => {
      if (bytes > beforeNetwork(model)) {
        server.cut()
      }
    }
    await expect(fetchModel(model, { onProgress })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(`broke in ${NETWORK} after 100 B of`) as string,
    })
    await fetchModel(model)
    expect(server.requests.at(-1)).toMatchObject({ range: 'bytes=100-' })
    expect(readFileSync(join(folder, NETWORK))).toEqual(Buffer.from(tinyModel()[NETWORK] ?? []))
  })

  it('leaves what came where a person cancels', async () => {
    const model = await find()
    const controller = new AbortController()
    server.stallsAfter.set(NETWORK, 100)
    const onProgress = (bytes: number): void => {
      if (bytes > beforeNetwork(model)) {
        controller.abort()
      }
    }
    const { signal } = controller
    await expect(fetchModel(model, { onProgress, signal })).rejects.toBeInstanceOf(CancelledError)
    await fetchModel(model)
    expect(server.requests.at(-1)).toMatchObject({ range: 'bytes=100-' })
    expect(readFileSync(join(folder, NETWORK))).toEqual(Buffer.from(tinyModel()[NETWORK] ?? []))
  })
})

it('refuses what is not what was listed, and keeps nothing of it', async () => {
  const model = await find()
  const wrong = Buffer.from(tinyModel()[NETWORK] ?? [])
  wrong[40] = (wrong[40] ?? 0) ^ 1
  server.instead.set(NETWORK, wrong)
  await expect(fetchModel(model)).rejects.toMatchObject({
    message: expect.stringContaining('checksum') as string,
  })
  expect(await readdir(join(folder, 'onnx'))).toEqual([])
})

describe('answers that hold no model', () => {
  it.each([
    ['there is none', 401, {}, 'has no model a/b'],
    ['it has no such revision', 404, { 'x-error-code': 'RevisionNotFound' }, 'has no revision main'],
    ['its terms were not accepted', 403, {}, 'does not give out a/b (403)'],
    ['there were too many requests', 429, {}, 'answers no more requests for now'],
    ['the hub is broken', 500, {}, 'answers 500 for a/b'],
    ['it is no hub', 200, {}, 'does not answer as a Hugging Face hub'],
  ])('where %s', async (_, status, headers, words) => {
    server.answers.set('a/b', { status, headers: headers as Record<string, string>, body: '<html>' })
    const failure = await find('a/b').catch((error: unknown) => error as Error & { remedy: string })
    expect(failure).toMatchObject({ name: 'VitrineError', message: expect.stringContaining(words) as string })
    expect(JSON.stringify(failure)).not.toContain(TOKEN)
  })

  it('where no network is there, nor in a conversion', async () => {
    await expect(find('someone/tiny-clip', 'main')).rejects.toMatchObject({
      message: expect.stringContaining('has no ONNX file') as string,
    })
  })

  it('where nobody listens', async () => {
    const { endpoint } = server
    await server.close()
    server = await serveHub({})
    const nobody = hubOf({ HF_ENDPOINT: endpoint })
    const search = findModel(nobody, { name: 'a/b', revision: null, signal: new AbortController().signal })
    await expect(search).rejects.toMatchObject({
      message: expect.stringContaining('could not be reached') as string,
    })
  })
})

it('asks no hub that is none, and none at all where that is forbidden', () => {
  expect(() => hubOf({ HF_ENDPOINT: 'ftp://files' })).toThrow('no address of the web')
  expect(() => hubOf({ HF_HUB_OFFLINE: '1' })).toThrow('nothing is asked of the hub')
  expect(hubOf({}).endpoint).toBe('https://huggingface.co')
})
