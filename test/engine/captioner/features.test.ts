/**
 * Features as the network sees them: transformed, padded, masked, and read again when they have left the
 * cache.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { measureTransform } from '../../../src-main/engine/captioner/feature-transform.ts'
import type { FeatureTransform } from '../../../src-main/engine/captioner/feature-transform.ts'
import { FeatureReader } from '../../../src-main/engine/captioner/features.ts'
import type { ClipFeatures } from '../../../src-main/engine-host/contract/index.ts'
import { createRandom } from '../../../src-main/common/random.ts'
import { encodeNpy } from '../../../src-main/formats/npy.ts'

const [FRAMES, SIZE] = [5, 6]
const { signal } = new AbortController()
let folder: string
const random = createRandom(3)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vitrine-features-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function clip(id: number, rows: number, size = SIZE): Promise<ClipFeatures & { data: Float32Array }> {
  const features = join(folder, `${id}-${rows}-${size}.npy`)
  const values = Float32Array.from({ length: rows * size }, (_, i) => 3 * random.normal() + (i % size))
  await writeFile(features, encodeNpy([rows, size], values))
  return { id, features, data: values }
}
const transform = (d: number | null): FeatureTransform => ({
  mean: Float32Array.from({ length: SIZE }, (_, j) => j - 1),
  scale: Float32Array.from({ length: SIZE }, (_, j) => 0.5 + j),
  projection: d === null ? null : Float32Array.from({ length: SIZE * d }, () => random.normal()),
})

it.each([null, 2])('transforms, pads and masks a batch, time first; projected to %s', async (d) => {
  const featureTransform = transform(d)
  const reader = new FeatureReader(FRAMES, featureTransform)
  const clips = [await clip(1, 3), await clip(2, FRAMES), await clip(3, 1)]
  const [B, width] = [clips.length, d ?? SIZE]
  for (const again of [false, true]) {
    if (!again) {
      reader.prefetch(clips)
    }
    const { features, mask } = await reader.batch(clips)
    clips.forEach(({ data }, b) => {
      for (let t = 0; t < FRAMES; t++) {
        const valid = t < data.length / SIZE
        expect(mask[t * B + b]).toBe(valid ? 1 : 0)
        const scaled = Array.from({ length: SIZE }, (_, j) =>
          valid ? (data[t * SIZE + j]! - featureTransform.mean[j]!) * featureTransform.scale[j]! : 0,
        )
        for (let k = 0; k < width; k++) {
          const expected = featureTransform.projection
            ? scaled.reduce((sum, x, j) => sum + x * featureTransform.projection![j * width + k]!, 0)
            : scaled[k]!
          expect(features[(t * B + b) * width + k]).toBeCloseTo(expected, 4)
        }
      }
    })
  }
  await reader.release()
})

it('holds what it has read, and reads a file again after it failed', async () => {
  const reader = new FeatureReader(FRAMES, transform(null))
  const removed = await clip(4, 2)
  const before = await reader.batch([removed])
  await rm(removed.features)
  expect(await reader.batch([removed])).toEqual(before)

  const late = { id: 5, features: join(folder, 'late.npy') }
  reader.prefetch([late])
  await expect(reader.batch([late])).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await writeFile(late.features, encodeNpy([1, SIZE], new Float32Array(SIZE)))
  expect((await reader.batch([late])).mask).toEqual(Float32Array.of(1, 0, 0, 0, 0))
})

it('puts the values of joined files side by side, frame by frame, of each the rows that are asked for', async () => {
  const [first, second] = [await clip(300, 3, 2), await clip(301, 2, SIZE - 2)]
  const joined = { ...first, joined: [{ features: second.features, rows: [0, 1, 1] }] }
  const width = SIZE - 2
  const expected = [0, 1, 1].flatMap((row, t) => [
    ...first.data.subarray(2 * t, 2 * t + 2),
    ...second.data.subarray(width * row, width * (row + 1)),
  ])
  const plain = {
    mean: new Float32Array(SIZE),
    scale: new Float32Array(SIZE).fill(1),
    projection: null,
  }
  const reader = new FeatureReader(FRAMES, plain)
  const { features, mask } = await reader.batch([joined])
  expect([...features.subarray(0, 3 * SIZE)]).toEqual(expected)
  expect(mask).toEqual(Float32Array.of(1, 1, 1, 0, 0))
  // The same first file with another second one is another clip.
  const other = await reader.batch([{ ...joined, joined: [{ features: second.features, rows: [0, 0, 0] }] }])
  expect(other).not.toEqual({ features, mask })
  const options = { frames: FRAMES, projection: 0, standardise: true, random: createRandom(1), signal }
  expect((await measureTransform([joined], options)).mean).toHaveLength(SIZE)
})

it('measures mean and deviation, and names a file that does not fit', async () => {
  const options = { frames: FRAMES, projection: 0, standardise: true, random: createRandom(1), signal }
  const clips = await Promise.all(Array.from({ length: 40 }, (_, i) => clip(100 + i, 1 + (i % FRAMES))))
  const { mean, scale } = await measureTransform(clips, options)
  const all = clips.flatMap(({ data }) => [...data])
  for (let j = 0; j < SIZE; j++) {
    const column = all.filter((_, i) => i % SIZE === j)
    const average = column.reduce((a, b) => a + b) / column.length
    expect(mean[j]).toBeCloseTo(average, 4)
    expect(scale[j]).toBeCloseTo(
      1 / Math.sqrt(column.reduce((sum, x) => sum + (x - average) ** 2, 0) / column.length),
      4,
    )
  }
  expect(await measureTransform(clips, { ...options, standardise: false })).toEqual({
    mean: new Float32Array(SIZE),
    scale: new Float32Array(SIZE).fill(1),
    projection: null,
  })
  const wide = await clip(200, 2, SIZE + 1)
  await expect(measureTransform([...clips, wide], options)).rejects.toMatchObject({
    code: 'BAD_INPUT',
    message: expect.stringContaining(wide.features) as string,
  })
  await expect(
    measureTransform([...clips, { id: 0, features: join(folder, 'none.npy') }], options),
  ).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

it('takes the principal axes from as many frames as there are, however many a clip may have', async () => {
  const pictures = await Promise.all(Array.from({ length: 60 }, (_, i) => clip(400 + i, 1)))
  const options = { projection: 4, standardise: true, random: createRandom(1), signal }
  const few = await measureTransform(pictures, { ...options, frames: 1 })
  const many = await measureTransform(pictures, { ...options, frames: 5000, random: createRandom(1) })
  expect(many).toEqual(few)
})
