/** The page of an exported captioner (resources/export/caption.html) in a real browser, against the program. */
import { once } from 'node:events'
import { createReadStream, existsSync, statSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, extname, join } from 'node:path'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { decoding } from '#contract'
import { createRandom } from '../../../src-main/common/random.ts'
import { probabilitiesOf } from '../../../src-main/engine/actions/classifier.ts'
import { captionerHandlers } from '../../../src-main/engine/captioner/index.ts'
import { loadModel, saveModel } from '../../../src-main/engine/captioner/model-folder.ts'
import type { CaptionedClip } from '../../../src-main/engine-host/contract/index.ts'
import { activations } from '../../../src-main/engine/neurons/activations.ts'
import { withNeurons } from '../../../src-main/engine/neurons/source.ts'
import { encodeNpy, readNpy } from '../../../src-main/formats/npy.ts'
import { clipFeatures } from '../../../src-main/project/workspace.ts'
import { absolutePath } from '../../../src-main/store/index.ts'
import { FEATURES, listening, trainedCaptioner } from '../../engine/captioner/tiny.ts'
import { createWorkbench } from '../workbench.ts'

const BROWSER = process.env['VITRINE_BROWSER'] ?? '/usr/bin/chromium'
const FLAGS = ['--headless=new', '--no-sandbox', '--disable-gpu']
/** Milliseconds for whatever a test waits for: much, as the machine may be slow and busy. */
const PATIENCE = 60_000
/** Where packages are that are too large to be set up for everybody: onnxruntime-web. */
const WEB_MODULES = process.env['VITRINE_WEB_MODULES']
const { resolve } = createRequire(import.meta.url)
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.mjs': 'text/javascript',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
}

let folder: string
let server: Server
let address: string
let browser: Browser

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-page-'))
  const tensorFlow = await tensorFlowScript()
  server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '', 'http://localhost').pathname)
    const type = { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' }
    const file = path.startsWith('/ort/')
      ? join(WEB_MODULES ?? '', 'onnxruntime-web', 'dist', path.slice('/ort/'.length))
      : join(folder, path)
    if (path === '/tf.js') {
      response.writeHead(200, type).end(tensorFlow)
    } else if (existsSync(file) && statSync(file).isFile()) {
      createReadStream(file).pipe(response.writeHead(200, type))
    } else {
      response.writeHead(404).end()
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  browser = await chromium.launch({ executablePath: BROWSER, args: FLAGS })
})
afterAll(async () => {
  await browser.close()
  server.close()
  await rm(folder, { recursive: true })
})

/** TensorFlow.js as its one script has it: what opens models, and the backend. */
async function tensorFlowScript(): Promise<string> {
  const parts = [
    'tfjs-core/dist/tf-core',
    'tfjs-backend-cpu/dist/tf-backend-cpu',
    'tfjs-converter/dist/tf-converter',
  ]
  const scripts = parts.map((part) => {
    const [name] = part.split('/')
    const root = dirname(resolve(`@tensorflow/${name!}/package.json`))
    return readFile(join(root, '..', `${part}.min.js`), 'utf8')
  })
  return (await Promise.all(scripts)).join('\n')
}

/** Opens an export's page. */
async function opened(exported: string): Promise<Page> {
  const page = await browser.newPage()
  page.setDefaultTimeout(PATIENCE)
  await page.goto(`${address}/${exported}/caption.html?tf=/tf.js&ort=/ort/ort.wasm.min.js`)
  await page.locator('body[data-ready]').waitFor()
  return page
}

/** What a page says of a file. What runs in the page is text: these tests know no browser's types. */
async function captionOf(page: Page, file: string): Promise<string> {
  await page.evaluate("document.querySelector('#caption').value = ''")
  await page.getByLabel('A video, or features').setInputFiles(file)
  const spoken = "document.querySelector('#caption').value"
  await page.waitForFunction(`${spoken} !== '' && !${spoken}.startsWith('Looking')`)
  return page.locator('#caption').innerText()
}

async function captionsBy(
  modelDir: string,
  clips: CaptionedClip[],
  method: 'beam' | 'greedy' = 'beam',
): Promise<string[]> {
  const request = { modelDir, clips, decoding: decoding.parse({ method }), device: 'cpu' }
  const { captions } = await captionerHandlers['captioner.caption'](request, listening())
  return captions.map(({ caption }) => caption)
}

it('captions features with TensorFlow.js as the program does, with gates and a codebook and without', async () => {
  const { clips, modelDir } = await trainedCaptioner(folder, {
    projection: 3,
    keepFeatures: true,
    epochs: 16,
  })
  const model = await loadModel(modelDir)
  const gatedDir = join(folder, 'gated')
  // Wherever dogs are not named, neurons are moved as far as it takes to change what is said.
  const gate = {
    topic: 0,
    words: ['dogs', 'man', 'girl'],
    weights: new Array<number>(3 * FEATURES).fill(0),
    bias: 1,
    topicShare: 0,
    threshold: 0,
    moves: Array.from({ length: 12 }, (_, neuron) => ({ neuron, target: neuron % 2 ? 4 : -4, strength: 1 })),
  }
  const [corrected, other] = await withNeurons(modelDir, { device: 'cpu' }, (source) =>
    activations(source, clips.slice(0, 2), listening().signal),
  )
  const shift = Float32Array.from(other!.mean, (value, neuron) => value - corrected!.mean[neuron]!)
  await saveModel(gatedDir, {
    ...model,
    gates: { gates: [gate], exempt: [{ key: [...corrected!.mean], radius: 1e-3, shift }] },
  })
  for (const [name, from] of [
    ['plain-export', modelDir],
    ['gated-export', gatedDir],
  ] as const) {
    await captionerHandlers['captioner.export'](
      { modelDir: from, to: join(folder, name), frames: null, classifier: null },
      listening(),
    )
    const page = await opened(name)
    const expected = await captionsBy(from, clips)
    for (const [i, { features }] of clips.slice(0, 6).entries()) {
      expect(await captionOf(page, features)).toBe(expected[i])
    }
    await page.close()
  }
  const [gated, plain] = [await captionsBy(gatedDir, clips), await captionsBy(modelDir, clips)]
  expect(gated[0]).not.toBe(plain[0])
  expect(gated.slice(1)).not.toEqual(plain.slice(1))
})

it('tells classes with TensorFlow.js as the classifier does', async () => {
  const { clips, modelDir } = await trainedCaptioner(folder, { projection: 3, epochs: 2 })
  const random = createRandom(7)
  const drawn = (size: number) => Float32Array.from({ length: size }, () => random.normal())
  const means = await withNeurons(modelDir, { device: 'cpu' }, (source) =>
    activations(source, clips, listening().signal),
  )
  const D = means[0]!.mean.length
  const head = {
    mean: drawn(D).map((_, j) => means.reduce((sum, { mean }) => sum + mean[j]!, 0) / means.length),
    factor: drawn(D).map(() => 20),
    weights: drawn(3 * D),
    bias: drawn(3),
    strength: 1,
  }
  const to = join(folder, 'classes-export')
  await captionerHandlers['captioner.export']({ modelDir, to, frames: null, classifier: head }, listening())
  await writeFile(join(to, 'classes.json'), JSON.stringify({ classes: ['run', 'jump', 'sit'] }))
  const page = await opened('classes-export')
  const seen = new Set<string>()
  for (const [i, { features }] of clips.entries()) {
    await captionOf(page, features)
    const p = probabilitiesOf(
      {
        ...head,
        mean: Float64Array.from(head.mean),
        factor: Float64Array.from(head.factor),
        weights: Float64Array.of(...head.weights, ...head.bias),
      },
      { features: means.map(({ mean }) => mean), classes: 3 },
      i,
    )
    const best = p.indexOf(Math.max(...p))
    const likeliest = await page.locator('#classes').innerText()
    expect(likeliest).toBe(`${['run', 'jump', 'sit'][best]!} (${(100 * p[best]!).toFixed(1)}%)`)
    seen.add(likeliest.split(' ')[0]!)
  }
  expect(seen.size).toBeGreaterThan(1)
  await page.close()
})

it('says what is wrong with a file', async () => {
  const page = await opened('plain-export')
  const wide = join(folder, 'wide.npy')
  await writeFile(wide, encodeNpy([2, FEATURES + 1], new Float32Array(2 * (FEATURES + 1))))
  expect(await captionOf(page, wide)).toBe('The file has 9 features a frame; 8 are needed.')
  await page.close()
})

it('captions a video as the project does', async (context) => {
  context.skip(
    WEB_MODULES === undefined,
    'onnxruntime-web is needed: npm install it in a folder, and name its node_modules by VITRINE_WEB_MODULES',
  )
  const bench = await createWorkbench()
  try {
    await bench.openPrepared('trained')
    await bench.finished(await bench.client.exports.run({ what: 'model', to: join(folder, 'video-export') }))
    const project = bench.app.project()
    const page = await opened('video-export')
    const model = project.store.models.get(1)
    for (const { clipId } of project.store.generated.all(1, 'test').slice(0, 3)) {
      const caption = await captionOf(
        page,
        absolutePath(project.folder, project.store.clips.get(clipId).path!),
      )
      const seen = await page.evaluate<number[]>('Array.from(seenFeatures)')
      const known = await readNpy(clipFeatures(project, model.featureKey!, clipId).features)
      // A browser decodes and scales a little otherwise: what it sees is alike, and what it says of that is the program's word.
      expect(cosine(seen, [...known.data])).toBeGreaterThan(0.999)
      const features = join(folder, `seen-${clipId}.npy`)
      await writeFile(features, encodeNpy(known.shape, Float32Array.from(seen)))
      const clip = { id: clipId, features, topics: [], captions: [] }
      expect(caption).toBe((await captionsBy(join(project.folder, model.folder), [clip], 'greedy'))[0])
    }
    await page.close()
  } finally {
    await bench.close()
  }
})

function cosine(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length)
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, factor, i) => sum + factor * y[i]!, 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}
