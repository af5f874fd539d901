/**
 * Pictures as a network gets them, from a file on the disk through decoder and normalisation, against what the image
 * processors of the Python library transformers make of them (reference-cases.py). Decoders scale with other rounding than
 * Pillow does: a level or two of 255.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { FrameInput } from '../../../src-main/engine/encoders/descriptor.ts'
import { decodedSize } from '../../../src-main/engine/encoders/descriptor.ts'
import { toTensor } from '../../../src-main/engine/encoders/input.ts'
import { readPreparation } from '../../../src-main/formats/hugging-face/preprocessor.ts'
import { fileUrl, runFfmpeg } from '../../../src-main/media/program/ffmpeg.ts'
import { wholeOf } from '../../../src-main/media/source.ts'
import { openMedia } from '../../media/open.ts'
import { refusal } from '../../refusal.ts'

const media = openMedia()
const size = z.object({ width: z.number(), height: z.number() })
const { cases, grid } = z
  .object({
    grid: z.number(),
    cases: z.array(
      z.object({
        model: z.string(),
        settings: z.record(z.string(), z.unknown()),
        pictures: z.array(size.extend({ input: size, pixels: z.array(z.array(z.number())) })),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, 'reference-cases.json'), 'utf8')))

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vitrine-preprocessor-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

/** The picture of reference-cases.py, as a video of one frame that loses nothing. */
async function picture(width: number, height: number): Promise<string> {
  const pixels = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const waves = [
        Math.sin(x / 23 + y / 31),
        Math.cos(x / 41 - y / 17),
        Math.sin(x / 13) * Math.cos(y / 19),
      ]
      pixels.set(
        waves.map((wave) => Math.round(127.5 + 120 * wave)),
        3 * (y * width + x),
      )
    }
  }
  const path = join(folder, `${width}x${height}.mkv`)
  if (existsSync(path)) {
    return path
  }
  const input = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`, '-i', 'pipe:0']
  await runFfmpeg([...input, '-c:v', 'png', fileUrl(path)], { file: path, input: [pixels] })
  return path
}

function frameInputOf(settings: unknown): FrameInput {
  const {
    fit,
    resized,
    filter,
    size: input,
    mean,
    deviation,
  } = readPreparation(settings, 'preprocessor_config.json')
  const margin = resized.width - input.width
  return {
    name: '',
    ...input,
    layout: 'NCHW',
    type: 'float32',
    channels: 'RGB',
    mean,
    deviation,
    fit,
    margin,
    filter,
    batch: null,
  }
}

describe.each(cases)('$model', ({ settings, pictures }) => {
  it.each(pictures)('a picture of $width x $height', async ({ width, height, input: wanted, pixels }) => {
    const input = frameInputOf(settings)
    expect({ width: input.width, height: input.height }).toEqual(wanted)
    const shape = { ...decodedSize(input), fit: input.fit, filter: input.filter }
    const source = wholeOf(await picture(width, height))
    const { frames } = await media.decodeFrames({ source, indices: [0], size: shape })
    const values = toTensor(frames, 1, input).data as Float32Array
    const differences = pixels.flatMap((pixel, place) =>
      pixel.map((value, channel) => {
        const [row, column] = [Math.floor(place / grid), place % grid]
        const at = (share: number, side: number) => Math.floor(((share + 0.5) / grid) * side)
        const index = (channel * input.height + at(row, input.height)) * input.width + at(column, input.width)
        // In levels of 255.
        return Math.abs((values[index] ?? NaN) - value) * (input.deviation[channel] ?? NaN)
      }),
    )
    expect(Math.max(...differences)).toBeLessThan(2.5)
    expect(differences.reduce((sum, difference) => sum + difference, 0) / differences.length).toBeLessThan(
      0.6,
    )
  })
})

describe('settings that make no frames of one size, or are not known', () => {
  it.each([
    [{ image_processor_type: 'NougatImageProcessor' }, 'by NougatImageProcessor, which is not known'],
    [{}, 'by ?, which is not known'],
    [{ image_processor_type: 'CLIPImageProcessor', do_center_crop: false }, 'to one size'],
    [{ image_processor_type: 'ViTImageProcessor', do_resize: false }, 'to one size'],
    [
      { image_processor_type: 'CLIPImageProcessor', crop_size: 300 },
      'cuts 300x300 pixels out of pictures of 224x224',
    ],
    [{ image_processor_type: 'ViTImageProcessor', resample: 0 }, 'by filter 0'],
    [{ image_processor_type: 'ViTImageProcessor', image_std: [0, 1, 1] }, 'image_std.0'],
    [{ image_processor_type: 'ViTImageProcessor', size: { longest_edge: 3 } }, 'size is not as expected'],
    ['text', 'is not as expected'],
  ])('%j', (settings, words) => {
    expect(refusal(() => readPreparation(settings, 'p.json'))).toContain(words)
  })
})
