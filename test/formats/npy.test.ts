import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writeFileAtomic } from '../../src-main/formats/atomic.ts'
import { decodeNpy, encodeNpy, readNpy, readNpyNumbers, readNpyShape } from '../../src-main/formats/npy.ts'

/** A .npy file as another writer might lay it out. */
function npy(header: string, payload: Uint8Array, version: 1 | 2 | 3 = 1): Uint8Array {
  const wide = version > 1
  const prefix = Buffer.alloc(wide ? 12 : 10)
  prefix.write('\x93NUMPY', 'latin1')
  prefix.writeUInt8(version, 6)
  if (wide) {
    prefix.writeUInt32LE(header.length, 8)
  } else {
    prefix.writeUInt16LE(header.length, 8)
  }
  return Buffer.concat([prefix, Buffer.from(header, 'latin1'), payload])
}
const header = (descr: string, shape: string, order = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`

describe('npy', () => {
  it('reads back what it writes, for any shape and any float32', () => {
    const shapes = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 })
    const arrays = shapes.chain((shape) => {
      const length = shape.reduce((a, b) => a * b, 1)
      return fc.tuple(fc.constant(shape), fc.float32Array({ minLength: length, maxLength: length }))
    })
    fc.assert(
      fc.property(arrays, ([shape, data]) => {
        const bytes = encodeNpy(shape, data)
        expect(decodeNpy(bytes, 'a.npy')).toEqual({ shape, data })
        expect((bytes.length - 4 * data.length) % 64).toBe(0)
      }),
    )
  })

  it('rounds to half precision where that is asked for, and reads it back', () => {
    const values = new Float32Array([0, 1, -2.5, 0.1, 65504, 1e-7, 1 / 3])
    const bytes = encodeNpy([7], new Float16Array(values))
    const { data } = decodeNpy(bytes, 'a.npy')
    expect(bytes.length % 64).toBe(14)
    expect(data).toEqual(values.map(Math.f16round))
    // A file whose array starts at an odd byte, as another writer may make it.
    const shifted = Buffer.concat([Buffer.of(0), bytes]).subarray(1)
    expect(decodeNpy(shifted, 'a.npy').data).toEqual(data)
  })

  it('reads float64 and header version 2', () => {
    const payload = new Uint8Array(new Float64Array([1.5, -2.25, 1e-3]).buffer)
    const array = decodeNpy(npy(header('<f8', '(3,)'), payload, 2), 'a.npy')
    expect(array).toEqual({ shape: [3], data: new Float32Array([1.5, -2.25, 1e-3]) })
  })

  it('reads the other byte order', () => {
    const payload = Buffer.alloc(8)
    payload.writeFloatBE(1.5, 0)
    payload.writeFloatBE(-2, 4)
    expect(decodeNpy(npy(header('>f4', '(2,)'), payload), 'a.npy').data).toEqual(Float32Array.of(1.5, -2))
  })

  // numpy.asfortranarray(numpy.arange(24).reshape(2, 3, 4)) lies in the file as it is written out here.
  it('reads arrays whose first index runs fastest', async () => {
    const written = [0, 12, 4, 16, 8, 20, 1, 13, 5, 17, 9, 21, 2, 14, 6, 18, 10, 22, 3, 15, 7, 19, 11, 23]
    const bytes = npy(header('<f4', '(2, 3, 4)', 'True'), new Uint8Array(Float32Array.from(written).buffer))
    const expected = Array.from({ length: 24 }, (_, i) => i)
    expect([...decodeNpy(bytes, 'a.npy').data]).toEqual(expected)
    const folder = await mkdtemp(join(tmpdir(), 'vitrine-npy-'))
    const path = join(folder, 'a.npy')
    await writeFileAtomic(path, bytes)
    expect([...(await readNpyNumbers(path)).data]).toEqual(expected)
    await rm(folder, { recursive: true })
  })

  it('reads any numbers, and booleans, as numbers', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vitrine-npy-'))
    const path = join(folder, 'a.npy')
    const cases: [
      string,
      Uint8Array | Int8Array | Int16Array | Int32Array | BigInt64Array | Float64Array,
      number[],
    ][] = [
      ['|b1', Uint8Array.of(0, 1), [0, 1]],
      ['|u1', Uint8Array.of(0, 255), [0, 255]],
      ['|i1', Int8Array.of(-1, 1), [-1, 1]],
      ['<i2', Int16Array.of(-300, 2), [-300, 2]],
      ['<i4', Int32Array.of(-70_000, 1), [-70_000, 1]],
      ['<i8', BigInt64Array.of(-5n, 1n), [-5, 1]],
      ['<f8', Float64Array.of(0.1, NaN), [0.1, NaN]],
    ]
    for (const [descr, values, expected] of cases) {
      await writeFileAtomic(path, npy(header(descr, '(1, 2)'), new Uint8Array(values.buffer)))
      expect(await readNpyNumbers(path)).toEqual({ shape: [1, 2], data: Float64Array.from(expected) })
    }
    await writeFileAtomic(path, encodeNpy([2, 1], Uint8Array.of(7, 8)))
    expect(await readNpyNumbers(path)).toEqual({ shape: [2, 1], data: Float64Array.of(7, 8) })
    await writeFileAtomic(path, npy(header('<U4', '(1, 2)'), new Uint8Array(32)))
    await expect(readNpyNumbers(path)).rejects.toThrow('elements of type <U4; needed are numbers or booleans')
    await rm(folder, { recursive: true })
  })

  it.each([
    ['not an array', Buffer.from('PK\x03\x04 something else'), /a\.npy is not a \.npy file/],
    ['integers', npy(header('<i8', '(1,)'), new Uint8Array(8)), /type <i8/],
    ['complex numbers', npy(header('<c8', '(1,)'), new Uint8Array(8)), /type <c8/],
    [
      'a cut file',
      npy(header('<f4', '(2, 2)'), new Uint8Array(12)),
      /12 bytes of data where shape \(2, 2\) needs 16/,
    ],
    ['a later version', npy(header('<f4', '(1,)'), new Uint8Array(4), 3), /version 3/],
    ['a broken header', npy('{}\n', new Uint8Array(4)), /header/],
    [
      'a header that runs past the end',
      npy(header('<f4', '(1,)'), new Uint8Array(4)).subarray(0, 20),
      /ends inside its header/,
    ],
  ])('refuses %s with the reason and the file name', (_, bytes, reason) => {
    const attempt = () => decodeNpy(bytes, '/data/a.npy')
    expect(attempt).toThrow(reason)
    expect(attempt).toThrow(
      expect.objectContaining({
        code: 'BAD_INPUT',
        message: expect.stringContaining('/data/a.npy') as string,
      }),
    )
  })

  it('tells a shape without the data, also behind a long header, and a cut file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vitrine-npy-'))
    const path = join(folder, 'a.npy')
    const payload = new Uint8Array(4 * 300)
    for (const bytes of [
      encodeNpy([3, 100], new Float32Array(300)),
      npy(`${header('<f4', '(3, 100)').trimEnd()}${' '.repeat(2000)}\n`, payload),
    ]) {
      await writeFileAtomic(path, bytes)
      expect(await readNpyShape(path)).toEqual([3, 100])
      await writeFileAtomic(path, bytes.subarray(0, -4))
      await expect(readNpyShape(path)).rejects.toMatchObject({ code: 'BAD_INPUT' })
    }
    await rm(folder, { recursive: true })
  })

  it('names a file that is missing', async () => {
    await expect(readNpy('/nowhere/a.npy')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('/nowhere/a.npy') as string,
    })
  })

  it('is read by NumPy itself', async ({ skip }) => {
    try {
      execFileSync('python3', ['-c', 'import numpy'], { stdio: 'ignore' })
    } catch {
      skip('NumPy is not installed')
    }
    const folder = await mkdtemp(join(tmpdir(), 'vitrine-npy-'))
    try {
      const path = join(folder, 'a.npy')
      await writeFileAtomic(path, encodeNpy([2, 3], new Float32Array([1, 2, 3, 4, 5, 6])))
      expect((await readNpy(path)).shape).toEqual([2, 3])
      const out = execFileSync('python3', [
        '-c',
        'import numpy,sys; a=numpy.load(sys.argv[1]); print(a.dtype, a.shape, a[1].tolist())',
        path,
      ])
      expect(out.toString().trim()).toBe('float32 (2, 3) [4.0, 5.0, 6.0]')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
