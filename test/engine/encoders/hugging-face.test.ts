/** Folders in the layout of the Hugging Face hub: what is read of them, and what an encoder of one computes. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { EncoderChoices } from '#contract'
import { encoderHandlers } from '../../../src-main/engine/encoders/index.ts'
import { licenceOf } from '../../../src-main/formats/hugging-face/model.ts'
import {
  CLIP_PREPROCESSOR,
  DIMENSION,
  SIDE,
  tinyClipModel,
  tinyModel,
  tinyNetwork,
  writeModel,
} from '../../hub/model.ts'
import type { ModelFiles } from '../../hub/model.ts'
import { engineContext } from '../context.ts'

const context = engineContext()
let directory: string
let model: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vitrine-layout-'))
  model = join(directory, 'somewhere', 'tiny-clip')
  return () => {
    rmSync(directory, { recursive: true })
  }
})

const inspect = (choices: EncoderChoices = {}, path = model) =>
  encoderHandlers['encoders.inspect']({ directory, path, choices }, context)
async function add(choices: EncoderChoices = {}) {
  const request = { directory, path: model, choices, id: 'mine', title: null, licence: 'MIT' }
  await encoderHandlers['encoders.add'](request, context)
  return encoderHandlers['encoders.prepare']({ directory, id: 'mine' }, context)
}

describe('a folder', () => {
  it('says itself how frames are put into its network, which is copied', async () => {
    writeModel(model, tinyModel())
    expect(await inspect()).toMatchObject({
      id: 'tiny-clip',
      title: 'tiny-clip',
      licence: 'mit',
      preset: null,
      input: { width: SIDE, height: SIDE, fit: 'crop', margin: 0, filter: 'bicubic', channels: 'RGB' },
      outputs: [{ name: 'image_embeds', chosen: true }],
    })
    const { descriptor, size } = await add()
    expect(size).toEqual({ width: SIDE, height: SIDE, fit: 'crop', filter: 'bicubic' })
    rmSync(model, { recursive: true })
    const frames = new Uint8Array(SIDE * SIDE * 3).fill(51)
    const { features } = await encoderHandlers['encoders.encode'](
      { descriptor, frames, count: 1, grid: 1, device: 'cpu' },
      context,
    )
    // One byte in 255 is a fifth, which CLIP's mean and deviation then make of it.
    const wanted = CLIP_PREPROCESSOR.image_mean.flatMap((mean, channel) =>
      new Array<number>(DIMENSION / 3).fill((0.2 - mean) / (CLIP_PREPROCESSOR.image_std[channel] ?? NaN)),
    )
    expect(Array.from(features)).toEqual(wanted.map((value) => expect.closeTo(value, 5) as number))
  })

  it('of a clip encoder says how many frames it takes', async () => {
    writeModel(model, tinyClipModel(6))
    expect(await inspect()).toMatchObject({
      licence: null,
      input: { layout: 'NCHW', stack: { length: 6, stride: 4, channelsFirst: false }, filter: 'bilinear' },
      grids: [{ grid: 1, dimension: 18 }],
    })
    expect((await add({ stride: 2 })).stack).toMatchObject({ length: 6, stride: 2 })
  })

  it('is overruled by what a person chooses', async () => {
    writeModel(model, tinyModel())
    expect((await inspect({ fit: 'squash' })).input).toMatchObject({ fit: 'squash', filter: 'bicubic' })
    expect(await inspect({ preset: 'raw' })).toMatchObject({ preset: 'raw', input: { mean: [0, 0, 0] } })
  })

  it('of several precisions has the one that is asked for', async () => {
    writeModel(model, { ...tinyModel(), 'onnx/vision_model_quantized.onnx': tinyNetwork() })
    expect((await inspect({ precision: 'q8' })).files).toMatchObject([
      { file: 'vision_model_quantized.onnx' },
    ])
    await expect(inspect({ precision: 'fp16' })).rejects.toThrow(/no ONNX file of the precision fp16/)
  })

  it("of the hub's cache is read at its newest revision", async () => {
    const cached = join(directory, 'models--someone--tiny-clip')
    writeModel(model, tinyModel())
    writeModel(cached, { 'refs/main': Buffer.from('abc123\n'), 'snapshots/abc123/x': Buffer.alloc(0) })
    rmSync(join(cached, 'snapshots', 'abc123'), { recursive: true })
    renameSync(model, join(cached, 'snapshots', 'abc123'))
    expect(await inspect({}, cached)).toMatchObject({ id: 'tiny-clip', title: 'someone/tiny-clip' })
  })
})

it.each<[string, ModelFiles, RegExp]>([
  ['nothing', { 'a.txt': Buffer.alloc(0) }, /it has no config.json/],
  ['no settings', { 'config.json': Buffer.from('{}') }, /it has no preprocessor_config.json/],
  ['no network', { ...tinyModel(), 'onnx/vision_model.onnx': Buffer.alloc(0) }, /is no ONNX file/],
  [
    'settings that are no JSON',
    { ...tinyModel(), 'preprocessor_config.json': Buffer.from('{') },
    /is not JSON/,
  ],
  [
    'a configuration of nothing',
    { ...tinyModel(), 'config.json': Buffer.from('[]') },
    /config.json: it is not as/,
  ],
])('a folder with %s is refused', async (_, files, words) => {
  writeModel(model, files)
  await expect(add()).rejects.toThrow(words)
  await expect(encoderHandlers['encoders.prepare']({ directory, id: 'mine' }, context)).rejects.toThrow()
})

it('a size that the network does not have is refused', async () => {
  writeModel(model, tinyModel())
  writeFileSync(
    join(model, 'preprocessor_config.json'),
    JSON.stringify({ ...CLIP_PREPROCESSOR, size: 16, crop_size: 16 }),
  )
  await expect(inspect()).rejects.toThrow(/takes frames of 8 pixels a side, not 16/)
})

it.each([
  ['---\nlicense: apache-2.0\n---\n', 'apache-2.0'],
  ['---\ntags:\n- x\nlicense: "other"\nlicense_name: some-terms # here\n---\n', 'some-terms'],
  ['---\r\nlicense: mit\r\n---\r\n', 'mit'],
  ['---\ntags: x\n---\nlicense: mit\n', null],
  ['license: mit', null],
])('the page %j says its licence', (page, licence) => {
  expect(licenceOf(page)).toBe(licence)
})
