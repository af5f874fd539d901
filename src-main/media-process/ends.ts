/**
 * Whether a file ends before it should, by its structure: how many frames its index lists, how large it says to be,
 * and how far its packets go. A length that is declared proves nothing alone: sound, subtitles or a frame that is
 * held may rightly last longer than the picture.
 */
import { open } from 'node:fs/promises'
import { AV_NOPTS_VALUE } from 'node-av/constants'
import { Packet } from 'node-av/lib'
import { failures } from '../media/failures.ts'
import { openAgain } from './container.ts'
import type { Container } from './container.ts'
import type { FrameList } from './packets.ts'
import type { Video } from './video.ts'
import type { Watch } from './watch.ts'

/** The part of a declared length, and the seconds, that may be missing of a file that is whole. */
const MISSING_SHARE = 0.1
const MISSING_SECONDS = 0.5
/** The part of a file that may stand behind its last packet: an index, say. */
const TAIL_SHARE = 0.2

/** Throws BAD_INPUT for a file that is cut off, and for one of which little can be read. */
export async function checkEnd({ container, list }: Video, watch: Watch): Promise<void> {
  const { path, names } = container
  if (names.includes('mpegts') || names.includes('mpeg') || names.some((name) => name.endsWith('_pipe'))) {
    // A recording begins and ends where it was switched on and off; and a picture has no end.
    return
  }
  if (await isCutOff(container, list)) {
    throw failures.cutOff({ file: path })
  }
  const declared = declaredSeconds(container)
  if (declared === null || !falls(secondsOf(container, list), declared)) {
    return
  }
  const reached = await lastSecond(container, watch)
  if (!falls(reached.seconds, declared)) {
    return
  }
  if (reached.end < container.size * (1 - TAIL_SHARE)) {
    throw failures.damagedBeyondUse({
      file: path,
      decoded: secondsOf(container, list).toFixed(1),
      declared: declared.toFixed(1),
    })
  }
  if (!names.includes('matroska') && !names.includes('mov')) {
    throw failures.cutOff({ file: path })
  }
}

/** Whether what the container says of its own size, or of its frames, is not there. */
async function isCutOff({ names, video, path, size }: Container, list: FrameList): Promise<boolean> {
  if (list.endsCorrupt) {
    return true
  }
  if (names.includes('mov')) {
    return list.packets < Number(video.nbFrames)
  }
  return names.includes('matroska') && ((await matroskaEnd(path)) ?? 0) > size
}

const falls = (short: number, declared: number): boolean =>
  declared - short > Math.max(MISSING_SECONDS, MISSING_SHARE * declared)

/**
 * Seconds from the start of the file's clock to its end, as it says; null: it does not. Some containers count from 0
 * whenever their clock begins: what is before that is not missing.
 */
const declaredSeconds = ({ format: { duration }, startTime }: Container): number | null =>
  duration === AV_NOPTS_VALUE || duration <= 0n ? null : Number(duration) / 1e6 - Math.max(0, startTime)

/** Seconds from the start of the file's clock to the end of the last frame. */
const secondsOf = ({ video, startTime }: Container, { shownAt, lastDuration }: FrameList): number =>
  ((shownAt.at(-1) ?? 0) + lastDuration) * video.timeBase.toDouble() - Math.max(0, startTime)

/** How far the packets of all streams go, in seconds and in bytes of the file. */
async function lastSecond(container: Container, watch: Watch): Promise<{ seconds: number; end: number }> {
  const { format } = openAgain(container)
  using packet = new Packet()
  packet.alloc()
  const tickOf = format.streams.map(({ timeBase }) => timeBase.toDouble())
  let seconds = 0
  let end = 0
  try {
    while (format.readFrameSync(packet) >= 0) {
      const time = packet.pts === AV_NOPTS_VALUE ? packet.dts : packet.pts
      if (time !== AV_NOPTS_VALUE) {
        seconds = Math.max(seconds, Number(time + packet.duration) * (tickOf[packet.streamIndex] ?? 0))
      }
      end = Math.max(end, Number(packet.pos) + packet.size)
      packet.unref()
      await watch.step()
    }
  } finally {
    format.closeInputSync()
  }
  return { seconds: seconds - Math.max(0, container.startTime), end }
}

const EBML = 0x1a45dfa3
const SEGMENT = 0x18538067

/**
 * The byte at which a Matroska file's segment ends, as it says itself; null where it does not (RFC 8794 and RFC 9559:
 * an element is an id, a length, and so many bytes; the header comes first, the segment after it).
 */
async function matroskaEnd(path: string): Promise<number | null> {
  const file = await open(path)
  try {
    const { buffer } = await file.read(Buffer.alloc(4096), 0, 4096, 0)
    const header = elementAt(buffer, 0)
    const segment =
      header?.id === EBML && header.length !== null ? elementAt(buffer, header.start + header.length) : null
    return segment?.id === SEGMENT && segment.length !== null ? segment.start + segment.length : null
  } finally {
    await file.close()
  }
}

/** An element with an id of four bytes; `length` null: it lasts as long as the file does. */
function elementAt(bytes: Buffer, at: number): { id: number; length: number | null; start: number } | null {
  const first = bytes[at + 4]
  if (first === undefined || first === 0) {
    return null
  }
  const width = Math.clz32(first) - 23
  const value = bytes.subarray(at + 4, at + 4 + width)
  if (value.length < width) {
    return null
  }
  const mark = 2 ** (8 - width)
  const isUnknown = value.every((byte, i) => byte === (i === 0 ? 2 * mark - 1 : 0xff))
  const length = value.reduce((sum, byte, i) => sum * 256 + (i === 0 ? byte % mark : byte), 0)
  return { id: bytes.readUInt32BE(at), length: isUnknown ? null : length, start: at + 4 + width }
}
