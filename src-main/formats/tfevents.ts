/**
 * TensorBoard's event files: records of an Event message each (tensorflow/core/util/event.proto), framed as
 * in tensorflow/core/lib/io/record_writer.h: length, its masked CRC-32C, the message, its masked CRC-32C;
 * little endian.
 */

/**
 * The first record of a file: its version, and that whatever earlier files hold from `step` on does not
 * count.
 */
export function startEvent(step: number, wallTime: number): Uint8Array {
  const version = message([field(3, 'brain.Event:2')], wallTime)
  // SessionLog { status: START }.
  const start = message([varintField(2, step), field(7, Uint8Array.of(0x08, 1))], wallTime)
  return Buffer.concat([record(version), record(start)])
}

/** One value of a curve. `wallTime` in seconds since 1970. */
export function scalarEvent(tag: string, value: number, step: number, wallTime: number): Uint8Array {
  const simpleValue = Buffer.alloc(5)
  simpleValue[0] = (2 << 3) | 5
  simpleValue.writeFloatLE(value, 1)
  const summaryValue = Buffer.concat([field(1, tag), simpleValue])
  return record(message([varintField(2, step), field(5, field(1, summaryValue))], wallTime))
}

function message(fields: readonly Uint8Array[], wallTime: number): Uint8Array {
  const time = Buffer.alloc(9)
  time[0] = (1 << 3) | 1
  time.writeDoubleLE(wallTime, 1)
  return Buffer.concat([time, ...fields])
}

/** A length-delimited field: text, bytes or a message. */
function field(number: number, content: string | Uint8Array): Uint8Array {
  const bytes = Buffer.from(content)
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes])
}

const varintField = (number: number, value: number): Uint8Array =>
  Buffer.concat([varint(number << 3), varint(value)])

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) | 128)
  }
  return Uint8Array.from([...bytes, rest])
}

function record(content: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(16 + content.length)
  bytes.writeBigUInt64LE(BigInt(content.length), 0)
  bytes.writeUInt32LE(maskedCrc(bytes.subarray(0, 8)), 8)
  bytes.set(content, 12)
  bytes.writeUInt32LE(maskedCrc(content), 12 + content.length)
  return bytes
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) {
    crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return crc
})

/** CRC-32C (Castagnoli), rotated and offset so that a checksum of data that holds checksums stays good. */
function maskedCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 255] ?? 0)
  }
  crc = (crc ^ 0xffffffff) >>> 0
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}
