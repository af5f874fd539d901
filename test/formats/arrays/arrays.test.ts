import { readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openArrays } from '../../../src-main/formats/arrays/index.ts'
import type { ArrayFile } from '../../../src-main/formats/arrays/index.ts'
import { counting, npyFloats, npyOf, npzOf, put, testFolder } from '../features/files.ts'

const REFERENCE = join(import.meta.dirname, 'reference')
const [first, second] = [counting(3, 4).map((i) => i / 8), counting(3, 4).map((i) => (i + 12) / 8)] as const

/** Opens a file, and closes it after the work. */
async function withArrays<Result>(path: string, work: (file: ArrayFile) => Promise<Result>): Promise<Result> {
  const file = await openArrays(path)
  try {
    return await work(file)
  } finally {
    await file.close()
  }
}

const slicesOf = async (file: ArrayFile, key: string): Promise<number[][]> => {
  const slices: number[][] = []
  for await (const slice of file.slices(key)) {
    slices.push([...slice])
  }
  return slices
}

describe.each(['arrays.h5', 'stored.npz', 'packed.npz', 'arrays.safetensors'])(
  'an %s of the program that defines the format',
  (name) => {
    const path = join(REFERENCE, name)

    it('tells its arrays by their headers', async () => {
      const arrays = await withArrays(path, ({ arrays: headers }) => Promise.resolve(headers))
      const shapes = Object.fromEntries(arrays.map(({ key, shape, holds }) => [key, [holds, ...shape]]))
      expect(shapes).toMatchObject({
        video0: ['floats', 3, 4],
        video1: ['floats', 3, 4],
        half: ['floats', 3, 4],
        double: ['floats', 3, 4],
        stack: ['floats', 2, 3, 4],
        'group/packed': ['floats', 3, 4],
        times: ['floats', 3],
        lengths: ['integers', 2],
        scalar: ['floats'],
      })
      // What lies in another file is not looked for, and a link to the whole is no second time round.
      expect(Object.keys(shapes).filter((key) => /again|elsewhere|broken/.test(key))).toEqual([])
    })

    it('gives the numbers of every type, as a whole and slice by slice', async () => {
      await withArrays(path, async (file) => {
        for (const [key, expected] of [
          ['video0', first],
          ['video1', second],
          ['half', first],
          ['double', first],
          ['group/packed', second],
        ] as const) {
          expect([key, ...(await file.floats(key))]).toEqual([key, ...expected])
          expect((await slicesOf(file, key)).flat()).toEqual(expected)
        }
        expect(await slicesOf(file, 'stack')).toEqual([first, second])
        expect([...(await file.numbers('times'))]).toEqual([0, 1, 2.5])
        expect([...(await file.numbers('lengths'))]).toEqual([3, 2])
        await expect(file.floats('lengths')).rejects.toMatchObject({
          code: 'BAD_INPUT',
          message: expect.stringContaining(`${path} holds "lengths" as `) as string,
        })
      })
    })
  },
)

it.each(['arrays.h5', 'stored.npz', 'packed.npz'])('reads the lists of texts of %s', async (name) => {
  await withArrays(join(REFERENCE, name), async (file) => {
    expect(await file.texts('names')).toEqual(['video0', 'vidéo1'])
    expect(await file.texts('fixed')).toEqual(['a1', 'b'])
  })
})

it('reads half the precision of brain floats', async () => {
  const header = '{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}'
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  // 1.5 is 0x3fc0, and -2 is 0xc000.
  const bytes = Buffer.concat([length, Buffer.from(header), Buffer.of(0xc0, 0x3f, 0x00, 0xc0)])
  const path = await put(await testFolder(), 'a.safetensors', bytes)
  expect([...(await withArrays(path, (file) => file.floats('a')))]).toEqual([1.5, -2])
})

it('takes a .npy file apart whose first index runs fastest', async () => {
  const written = [0, 12, 4, 16, 8, 20, 1, 13, 5, 17, 9, 21, 2, 14, 6, 18, 10, 22, 3, 15, 7, 19, 11, 23]
  const bytes = npyOf('<f4', [2, 3, 4], new Uint8Array(Float32Array.from(written).buffer), true)
  const path = await put(await testFolder(), 'a.npy', bytes)
  expect(await withArrays(path, (file) => slicesOf(file, ''))).toEqual([
    counting(3, 4),
    counting(3, 4).map((i) => i + 12),
  ])
})

describe('a file that is damaged', () => {
  /** What opening it and reading all of it ends with. */
  async function failureOf(path: string): Promise<unknown> {
    try {
      await withArrays(path, async (file) => {
        for (const { key } of file.arrays) {
          await file.floats(key)
        }
      })
      return 'it was read'
    } catch (error) {
      return error
    }
  }

  it.each(['arrays.h5', 'stored.npz', 'packed.npz', 'arrays.safetensors'])(
    'is refused by its name where %s is cut short, at any place',
    async (name) => {
      const whole = await readFile(join(REFERENCE, name))
      const path = await put(await testFolder(), name, whole)
      for (const share of [0.999, 0.7, 0.3, 0.02]) {
        await writeFile(path, whole)
        await truncate(path, Math.floor(whole.length * share))
        expect(await failureOf(path)).toMatchObject({
          code: 'BAD_INPUT',
          message: expect.stringContaining(path) as string,
        })
      }
    },
  )

  it('is refused where a byte of an archive is another', async () => {
    const bytes = Buffer.from(npzOf({ features: npyFloats([2, 2], [1, 2, 3, 4]) }))
    const at = bytes.indexOf(Buffer.from(Float32Array.of(3).buffer))
    bytes[at] = (bytes[at] ?? 0) ^ 1
    const path = await put(await testFolder(), 'a.npz', bytes)
    expect(await failureOf(path)).toMatchObject({
      message: `${path} is damaged: "features" in it is not what was packed.`,
    })
  })

  it('is refused where a slice alone is more than fits into memory', async () => {
    const bytes = npyFloats([1, 2], [0, 0])
    const head = Buffer.from(bytes).toString('latin1').replace('(1, 2), }        ', '(1, 300000000), }')
    const path = await put(await testFolder(), 'a.npy', Buffer.from(head, 'latin1'))
    await truncate(path, bytes.length - 8 + 4 * 300_000_000)
    await expect(withArrays(path, (file) => slicesOf(file, ''))).rejects.toThrow('of 1200 MB')
  })

  it('is told from a file of something else', async () => {
    const path = await put(await testFolder(), 'a.npy', 'clip,caption\n')
    expect(await failureOf(path)).toMatchObject({ message: `${path} is no file of arrays.` })
  })
})
