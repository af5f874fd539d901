/** Archives, in memory: nothing of them is written anywhere, whatever their members are called. */
import { crc32 } from 'node:zlib'
import { unzipSync } from 'fflate'
import { defineFailures, VitrineError } from '../../common/failures.ts'

const UNPACK = 'Unpack it, and choose the caption file in it.'

const failures = defineFailures('captions.zip', {
  broken: { code: 'BAD_INPUT', message: "{file} can't be unpacked ({reason}).", remedy: UNPACK },
  damaged: {
    code: 'BAD_INPUT',
    message: '{file} is damaged: {member} in it is not what was packed.',
    remedy: 'Get it anew, or unpack it and look at the file.',
  },
  tooLarge: {
    code: 'BAD_INPUT',
    message: '{file} unpacks to more than {megabytes} MB of text.',
    remedy: UNPACK,
  },
})

/** All the text that an archive may hold. */
const LARGEST_ZIP = 400 * 2 ** 20

export const isZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4

/** The paths of an archive's members, in their order. Throws BAD_INPUT. */
export function memberNames(bytes: Uint8Array, file: string): string[] {
  const names: string[] = []
  unzip(bytes, file, ({ name }) => {
    names.push(name)
    return false
  })
  return names
}

/** The content of some members by their paths. Throws BAD_INPUT, also for one that its checksum does not fit. */
export function readMembers(
  bytes: Uint8Array,
  file: string,
  chosen: ReadonlySet<string>,
): Map<string, Uint8Array> {
  let size = 0
  let place = 0
  const checksums = checksumsOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  const expected = new Map<string, number | undefined>()
  const contents = unzip(bytes, file, ({ name, originalSize }) => {
    const checksum = checksums[place++]
    if (!chosen.has(name)) {
      return false
    }
    size += originalSize
    if (size > LARGEST_ZIP) {
      throw failures.tooLarge({ file, megabytes: LARGEST_ZIP / 2 ** 20 })
    }
    expected.set(name, checksum)
    return true
  })
  const members = new Map(Object.entries(contents))
  for (const [name, content] of members) {
    const checksum = expected.get(name)
    if (checksum !== undefined && crc32(content) !== checksum) {
      throw failures.damaged({ file, member: name })
    }
  }
  return members
}

/** The checksums of all members in their order, which fflate passes over; none where the archive is over 4 GB. */
function checksumsOf(bytes: Buffer): number[] {
  const checksums: number[] = []
  const end = bytes.lastIndexOf('PK\x05\x06', bytes.length - 22, 'latin1')
  const isHuge = end < 0 || bytes.readUInt32LE(end + 16) === 0xff_ff_ff_ff
  for (let at = isHuge ? end : bytes.readUInt32LE(end + 16); isMember(bytes, at);) {
    checksums.push(bytes.readUInt32LE(at + 16))
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  return checksums
}

/** Whether an entry of the archive's directory stands at a place. */
const isMember = (bytes: Buffer, at: number): boolean =>
  at >= 0 && at + 46 <= bytes.length && bytes.toString('latin1', at, at + 4) === 'PK\x01\x02'

function unzip(
  bytes: Uint8Array,
  file: string,
  filter: (member: { name: string; originalSize: number }) => boolean,
): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, { filter })
  } catch (cause) {
    if (cause instanceof VitrineError) {
      throw cause
    }
    throw failures.broken({ file, reason: cause instanceof Error ? cause.message : String(cause) })
  }
}
