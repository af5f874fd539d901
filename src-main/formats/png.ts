/** Pictures as PNG files: 8 bits a channel, RGB, no filter (W3C PNG, third edition). */
import { crc32, deflateSync } from 'node:zlib'

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
const CHANNELS = 3
const BITS = 8
const TRUECOLOUR = 2

/** The PNG file of RGB bytes [height, width, 3]. */
export function encodePng(pixels: Uint8Array, width: number, height: number): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([BITS, TRUECOLOUR], 8)
  // A row begins with the number of its filter.
  const rows = Buffer.alloc(height * (1 + width * CHANNELS))
  for (let row = 0; row < height; row++) {
    rows.set(
      pixels.subarray(row * width * CHANNELS, (row + 1) * width * CHANNELS),
      row * (1 + width * CHANNELS) + 1,
    )
  }
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(content.length, 0)
  framed.set(body, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}
