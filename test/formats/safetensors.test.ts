import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { decodeSafetensors, encodeSafetensors, readSafetensors } from '../../src-main/formats/safetensors.ts'
import type { FloatTensor } from '../../src-main/formats/safetensors.ts'

/** A file with this header, not padded, and these bytes of tensors. */
function fileOf(header: string, tensors: Uint8Array): Buffer {
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)))
  return Buffer.concat([length, Buffer.from(header), tensors])
}

const floatBytes = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer)

describe('safetensors', () => {
  it('gives back what it was given, whatever the names and shapes', () => {
    const tensor = fc.array(fc.nat(4), { maxLength: 3 }).chain((shape) => {
      const count = shape.reduce((a, b) => a * b, 1)
      return fc
        .float32Array({ minLength: count, maxLength: count })
        .map((values): FloatTensor => ({ shape, data: values }))
    })
    const names = fc
      .string({ unit: 'grapheme' })
      .filter((name) => name !== '__metadata__' && name !== '__proto__')
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(names, tensor), { selector: ([name]) => name, maxLength: 5 }),
        (entries) => {
          const tensors = new Map(entries)
          expect(decodeSafetensors(Buffer.concat(encodeSafetensors(tensors)))).toEqual(tensors)
        },
      ),
    )
  })

  // Other programs need not pad the header, and a Buffer's slice is a view: the tensor then starts at an odd
  // address.
  it.each([0, 1, 2, 3])('reads a tensor that lies %i bytes off a multiple of four', (spaces) => {
    const header = `{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}${' '.repeat(spaces)}`
    expect(decodeSafetensors(fileOf(header, floatBytes(1.5, -2))).get('a')).toEqual({
      shape: [2],
      data: Float32Array.of(1.5, -2),
    })
  })

  it('keeps what it read when the bytes change', () => {
    const bytes = Buffer.concat(encodeSafetensors(new Map([['a', { shape: [1], data: Float32Array.of(7) }]])))
    const tensors = decodeSafetensors(bytes)
    bytes.fill(0)
    expect(tensors.get('a')?.data).toEqual(Float32Array.of(7))
  })

  it('names a file that is missing, cut short or of another type', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vitrine-safetensors-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const path = join(folder, 'parameters.safetensors')
    await expect(readSafetensors(path)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining(path) as string,
    })
    const whole = Buffer.concat(
      encodeSafetensors(new Map([['a', { shape: [3], data: Float32Array.of(1, 2, 3) }]])),
    )
    const halfPrecision = fileOf('{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}', floatBytes(1))
    for (const bytes of [
      whole.subarray(0, whole.length - 1),
      whole.subarray(0, 20),
      whole.subarray(0, 3),
      halfPrecision,
    ]) {
      await writeFile(path, bytes)
      await expect(readSafetensors(path)).rejects.toMatchObject({
        code: 'BAD_INPUT',
        message: expect.stringContaining(path) as string,
      })
    }
  })
})
