/** Features of other programs, in every way in which they are laid out. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkHeaders } from '../../../src-main/formats/features/check.ts'
import { findFeatures } from '../../../src-main/formats/features/find.ts'
import { readFeatureArrays } from '../../../src-main/formats/features/read.ts'
import { encodeSafetensors } from '../../../src-main/formats/safetensors.ts'
import { counting, npyFloats, npyOf, npyTexts, npzOf, put, testFolder } from './files.ts'

interface Choice {
  array?: string
  frames?: number
}

/** What a file or folder holds, clip by clip: frames of features, and their times where it has them. */
async function read(path: string, { array, frames }: Choice = {}) {
  const found = await findFeatures(path, { array: array ?? null })
  checkHeaders(found, { frames: frames ?? null })
  const clips: Record<string, { frames: number[][]; times?: number[] }> = {}
  for await (const features of readFeatureArrays(found, { frames: frames ?? null })) {
    const size = features.data.length / features.frames
    clips[found[features.index]!.names.join(' or ')] = {
      frames: Array.from({ length: features.frames }, (_, i) => [
        ...features.data.subarray(i * size, (i + 1) * size),
      ]),
      ...(features.times === null ? {} : { times: features.times }),
    }
  }
  return clips
}

const A = [
  [0, 1],
  [2, 3],
  [4, 5],
]
const B = [
  [6, 7],
  [8, 9],
  [10, 11],
]
const [a, b] = [npyFloats([3, 2], A.flat()), npyFloats([3, 2], B.flat())]
const times = npyOf('<f8', [3], new Uint8Array(Float64Array.of(0, 0.5, 1).buffer))

describe('features of other programs', () => {
  it('are files called as their clips, in folders within folders', async () => {
    const folder = await testFolder()
    await mkdir(join(folder, 'train'))
    await put(folder, 'b.npy', b)
    await put(folder, 'train/a.npy', a)
    await put(folder, '.hidden.npy', a)
    await put(folder, 'readme.txt', 'VGG16')
    expect(await read(folder)).toEqual({ b: { frames: B }, 'train/a': { frames: A } })
  })

  it('are a vector a clip, or have axes of one around them', async () => {
    const folder = await testFolder()
    await put(folder, 'vector.npy', npyFloats([2], [1, 2]))
    await put(folder, 'batch.npy', npyFloats([1, 3, 2], A.flat()))
    await put(folder, 'pooled.npy', npyFloats([3, 2, 1, 1], A.flat()))
    await put(folder, 'frame.npy', npyFloats([1, 2], [1, 2]))
    expect(await read(folder)).toEqual({
      vector: { frames: [[1, 2]] },
      batch: { frames: A },
      pooled: { frames: A },
      frame: { frames: [[1, 2]] },
    })
  })

  it('have times in the same file or beside it', async () => {
    const folder = await testFolder()
    await put(folder, 'a.npy', a)
    await put(folder, 'a.times.npy', times)
    await put(folder, 'b.npz', npzOf({ features: b, timestamps: times }))
    expect(await read(folder)).toEqual({
      a: { frames: A, times: [0, 0.5, 1] },
      b: { frames: B, times: [0, 0.5, 1] },
    })
  })

  it('are one file of arrays that are called as the clips', async () => {
    const folder = await testFolder()
    const npz = await put(folder, 'all.npz', npzOf({ a, b, 'a.times': times }, 6))
    const expected = { a: { frames: A, times: [0, 0.5, 1] }, b: { frames: B } }
    expect(await read(npz)).toEqual(expected)
    const grouped = await put(
      folder,
      'groups.npz',
      npzOf({ 'a/c3d': a, 'b/c3d': b, 'a/times': times, 'a/label': npyOf('<i8', [1], new Uint8Array(8)) }),
    )
    expect(await read(grouped)).toEqual(expected)
    const tensors = new Map([
      ['a', { shape: [3, 2], data: Float32Array.from(A.flat()) }],
      ['b', { shape: [3, 2], data: Float32Array.from(B.flat()) }],
    ])
    const safetensors = await put(folder, 'all.safetensors', Buffer.concat(encodeSafetensors(tensors)))
    expect(await read(safetensors)).toEqual({ a: { frames: A }, b: { frames: B } })
  })

  it('are one array with names in the file or beside it, and what fills up its rows is left out', async () => {
    const folder = await testFolder()
    const stack = npyFloats([2, 3, 2], [...A.flat(), ...B.flat()])
    const names = npyTexts(['clip ä', 'b'])
    const lengths = npyOf('<i8', [2], new Uint8Array(BigInt64Array.of(3n, 1n).buffer))
    const stamps = npyOf('<f8', [2, 3], new Uint8Array(Float64Array.of(0, 1, 2, 0, 0, 0).buffer))
    for (const level of [0, 6] as const) {
      const path = await put(folder, 'stack.npz', npzOf({ x: stack, names, lengths, times: stamps }, level))
      expect(await read(path)).toEqual({
        'clip ä': { frames: A, times: [0, 1, 2] },
        b: { frames: B.slice(0, 1), times: [0] },
      })
    }
    const alone = await put(folder, 'val.npy', stack)
    await expect(read(alone)).rejects.toMatchObject({
      message: `${alone} holds 2 clips in one array of shape (2, 3, 2), and no names for them.`,
    })
    await put(folder, 'val.txt', 'one\ntwo\nthree\n')
    await expect(read(alone)).rejects.toThrow('val.txt names 3 clips, and')
    await put(folder, 'val.txt', 'one\r\ntwo\r\n')
    expect(await read(alone)).toEqual({ one: { frames: A }, two: { frames: B } })
    const vectors = await put(folder, 'mean.npy', npyFloats([2, 2], [1, 2, 3, 4]))
    await put(folder, 'mean.json', '["one", "two"]')
    expect(await read(vectors)).toEqual({ one: { frames: [[1, 2]] }, two: { frames: [[3, 4]] } })
  })

  it('are one of several arrays of each clip, when it is named', async () => {
    const folder = await testFolder()
    for (const clip of ['a', 'b']) {
      await mkdir(join(folder, clip))
      await put(folder, `${clip}/rgb.npy`, a)
      await put(folder, `${clip}/flow.npy`, b)
    }
    expect(await read(folder, { array: 'flow' })).toEqual({ a: { frames: B }, b: { frames: B } })
    const path = await put(folder, 'all.npz', npzOf({ 'a/rgb': a, 'a/flow': b, 'b/rgb': a }))
    expect(await read(path, { array: 'rgb' })).toEqual({ a: { frames: A }, b: { frames: A } })
    await expect(read(path, { array: 'audio' })).rejects.toMatchObject({
      message: `${path} holds no array called audio.`,
      remedy: 'It holds rgb, flow.',
    })
  })

  it('can be thinned out evenly, with their times', async () => {
    const folder = await testFolder()
    const path = await put(
      folder,
      'long.npz',
      npzOf({
        long: npyFloats([300, 1], counting(300)),
        times: npyOf('<f8', [300], new Uint8Array(Float64Array.from(counting(300), (i) => i / 10).buffer)),
      }),
    )
    await expect(read(path)).rejects.toThrow(`${path}: "long" has 300 frames; a clip may have 128.`)
    expect(await read(path, { frames: 3 })).toEqual({
      'long or long': { frames: [[0], [100], [200]], times: [0, 10, 20] },
    })
  })

  const float = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer)
  it.each([
    ['NaN', npyFloats([2, 2], [1, 2, 3, NaN]), 'a.npy: an array holds NaN in frame 2.'],
    ['infinity', npyFloats([1, 2], [-Infinity, 2]), 'a.npy: an array holds -Infinity in frame 1.'],
    ['another size', npyFloats([1, 3], [1, 2, 3]), 'b.npy: an array has 2 features a frame where '],
    ['no frames', npyOf('<f4', [0, 2], float()), 'a.npy: an array is empty, its shape is (0, 2).'],
    ['no features', npyOf('<f4', [2, 0], float()), 'a.npy: an array is empty, its shape is (2, 0).'],
    [
      'whole numbers',
      npyOf('<i8', [1, 1], new Uint8Array(8)),
      'a.npy: an array holds <i8; needed is float16',
    ],
    [
      'a grid',
      npyFloats([2, 2, 2], counting(8)),
      'a.npy: an array has the shape (2, 2, 2); needed is [frames',
    ],
    [
      'a cut array',
      npyFloats([2, 2], counting(4)).subarray(0, -3),
      'a.npy holds 13 bytes of data where shape',
    ],
  ])('are refused by file and array where one has %s', async (_, bytes, message) => {
    const folder = await testFolder()
    await put(folder, 'a.npy', bytes)
    await put(folder, 'b.npy', npyFloats([1, 2], [1, 2]))
    await expect(read(folder)).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining(message) as string,
    })
  })

  it.each([
    ['too few', [0, 1], '2 times stand beside 3 frames of "a".'],
    ['that fall', [0, 2, 1], 'the times of "a" are not seconds that rise from 0 on.'],
    ['that are none', [0, NaN, 1], 'the times of "a" are not seconds that rise from 0 on.'],
  ])('are refused with times %s', async (_, stamps, message) => {
    const folder = await testFolder()
    const bytes = npyOf('<f8', [stamps.length], new Uint8Array(Float64Array.from(stamps).buffer))
    await put(folder, 'clip.npz', npzOf({ a, times: bytes }))
    await expect(read(folder)).rejects.toThrow(message)
  })

  it('are not to be found where there are no arrays', async () => {
    const folder = await testFolder()
    await expect(read(folder)).rejects.toMatchObject({ message: `${folder} holds no arrays.` })
    await expect(read(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
