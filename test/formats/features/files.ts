/** Files of arrays as other programs lay them out, for tests. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { onTestFinished } from 'vitest'
import { encodeNpy } from '../../../src-main/formats/npy.ts'

/** A folder that goes when the test has ended. */
export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-arrays-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

/** A .npy file of any type, with the bytes of its elements. */
export function npyOf(
  descr: string,
  shape: readonly number[],
  bytes: Uint8Array,
  fortran = false,
): Uint8Array {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const order = fortran ? 'True' : 'False'
  const header = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${tuple}), }`.padEnd(117) + '\n'
  const prefix = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0])
  return Buffer.concat([prefix, Buffer.from(header, 'latin1'), bytes])
}

/** A list of texts, as NumPy keeps it: characters of four bytes, filled up with zeros. */
export function npyTexts(texts: readonly string[]): Uint8Array {
  const width = Math.max(...texts.map((text) => [...text].length))
  const points = texts.flatMap((text) =>
    Array.from({ length: width }, (_, i) => [...text][i]?.codePointAt(0) ?? 0),
  )
  return npyOf(`<U${width}`, [texts.length], new Uint8Array(Uint32Array.from(points).buffer))
}

export const npyFloats = (shape: readonly number[], values: readonly number[]): Uint8Array =>
  encodeNpy(shape, Float32Array.from(values))

/** An .npz archive; level 0 is numpy.savez, another numpy.savez_compressed. */
export const npzOf = (arrays: Record<string, Uint8Array>, level: 0 | 6 = 0): Uint8Array =>
  zipSync(
    Object.fromEntries(Object.entries(arrays).map(([key, bytes]) => [`${key}.npy`, [bytes, { level }]])),
  )

/** The numbers from 0 on, as many as a shape has. */
export const counting = (...shape: number[]): number[] =>
  Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i)

export async function put(folder: string, name: string, bytes: Uint8Array | string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, bytes)
  return path
}
