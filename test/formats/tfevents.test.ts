/** Event files, read back by the rules of record_reader.cc, with a checksum of its own. */
import { crc32 } from 'node:zlib'
import { expect, it } from 'vitest'
import { scalarEvent, startEvent } from '../../src-main/formats/tfevents.ts'

/** CRC-32C bit by bit. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0)
    }
  }
  return ~crc >>> 0
}
const unmask = (masked: number): number => {
  const rotated = (masked - 0xa282ead8) >>> 0
  return ((rotated >>> 17) | (rotated << 15)) >>> 0
}

/** The messages of a file. */
function records(file: Buffer): Buffer[] {
  const found: Buffer[] = []
  for (let at = 0; at < file.length;) {
    const length = Number(file.readBigUInt64LE(at))
    expect(unmask(file.readUInt32LE(at + 8))).toBe(crc32c(file.subarray(at, at + 8)))
    const message = file.subarray(at + 12, at + 12 + length)
    expect(unmask(file.readUInt32LE(at + 12 + length))).toBe(crc32c(message))
    found.push(message)
    at += 16 + length
  }
  return found
}

/** A message's fields by number: numbers for varints and fixed fields, bytes for the rest. */
function fields(message: Buffer): Map<number, number | Buffer> {
  const found = new Map<number, number | Buffer>()
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = message.readUInt8(at++)
      value += (byte & 127) * scale
      if (byte < 128) {
        return value
      }
    }
  }
  while (at < message.length) {
    const key = varint()
    const [number, type] = [key >>> 3, key & 7]
    if (type === 0) {
      found.set(number, varint())
    } else if (type === 1) {
      found.set(number, message.readDoubleLE((at += 8) - 8))
    } else if (type === 5) {
      found.set(number, message.readFloatLE((at += 4) - 4))
    } else {
      const length = varint()
      found.set(number, message.subarray(at, (at += length)))
    }
  }
  return found
}
const bytes = (value: number | Buffer | undefined): Buffer => {
  if (!Buffer.isBuffer(value)) {
    throw new Error('not bytes')
  }
  return value
}

it('is what TensorBoard reads', () => {
  // The published check value of CRC-32C; CRC-32 is another.
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
  expect(crc32('123456789')).toBe(0xcbf43926)

  const [version, start, scalar] = records(
    Buffer.concat([startEvent(120, 1.5e9), scalarEvent('validation/CIDEr', 0.75, 300_000, 1.5e9 + 0.25)]),
  ).map(fields)
  expect(bytes(version?.get(3)).toString()).toBe('brain.Event:2')
  expect(start?.get(2)).toBe(120)
  expect(fields(bytes(start?.get(7))).get(1)).toBe(1)
  expect(scalar?.get(1)).toBe(1.5e9 + 0.25)
  expect(scalar?.get(2)).toBe(300_000)
  const value = fields(bytes(fields(bytes(scalar?.get(5))).get(1)))
  expect(bytes(value.get(1)).toString()).toBe('validation/CIDEr')
  expect(value.get(2)).toBe(0.75)
})
