/** A video or a picture that is open: which frames it has between the bounds, and its packets, as often as needed. */
import type { Packet } from 'node-av/lib'
import type { Limits } from '../media/limits.ts'
import { failures } from '../media/failures.ts'
import { isBetween } from '../media/source.ts'
import type { PictureDemuxer } from '../media/picture-kinds.ts'
import type { MediaSource } from '../media/source.ts'
import { openAgain, readOnly, withContainer } from './container.ts'
import type { Container } from './container.ts'
import { listFrames, packetsOf } from './packets.ts'
import type { FrameList, PacketFacts } from './packets.ts'
import type { Watch } from './watch.ts'

export interface Video {
  source: MediaSource
  container: Container
  list: FrameList
  /** Places in the list of the source's frames: the first of them, and the one behind the last. */
  first: number
  end: number
  /** Seconds from the source's start at which the frame of a place is shown. */
  secondsOf(place: number): number
  /** All packets from the start, in the order of decoding. */
  packets(): Iterable<Packet>
}

export interface OpenOptions {
  demuxer: PictureDemuxer | null
  limits: Limits
  watch: Watch
  /** Sees each packet as it is first read. */
  onPacket?: (packet: Packet, facts: PacketFacts, container: Container) => void
}

/** Bytes of packets that are kept, so that a short video is read once. */
const KEPT_BYTES = 64 * 2 ** 20

/** Opens a source that is a file for as long as `work` takes. Throws NOT_FOUND and BAD_INPUT. */
export async function withVideo<Result>(
  source: MediaSource,
  { demuxer, watch, onPacket }: OpenOptions,
  work: (video: Video) => Promise<Result>,
): Promise<Result> {
  return withContainer(source.path, demuxer, async (container) => {
    readOnly(container, [container.video])
    const kept = keeper()
    try {
      const list = await listFrames(container, watch, (packet, facts) => {
        onPacket?.(packet, facts, container)
        kept.add(packet)
      })
      const packets = kept.packets() ?? { [Symbol.iterator]: () => readAgain(container) }
      return await work({
        source,
        container,
        list,
        ...placesOf(source, container, list),
        packets: () => packets,
      })
    } finally {
      kept[Symbol.dispose]()
    }
  })
}

function placesOf(
  source: MediaSource,
  { video, startTime, path }: Container,
  { shownAt, lastDuration }: FrameList,
): Pick<Video, 'first' | 'end' | 'secondsOf'> {
  const secondsPerTick = video.timeBase.toDouble()
  const seconds = (place: number): number => (shownAt[place] ?? NaN) * secondsPerTick - startTime
  const isInside = (_: number, place: number): boolean => isBetween(seconds(place), source)
  const inside = shownAt.findIndex(isInside)
  const first =
    inside < 0 ? shownAt.findLastIndex((_, place) => seconds(place) < (source.start ?? 0)) : inside
  const end = inside < 0 ? first + 1 : shownAt.findLastIndex(isInside) + 1
  const last = shownAt.length - 1
  // Between two frames the one before is shown; after the last frame nothing is.
  const isAfterLast =
    inside < 0 && first === last && (source.start ?? 0) >= seconds(last) + lastDuration * secondsPerTick
  if (first < 0 || isAfterLast) {
    throw shownAt.length === 0 ? failures.noFrame({ path }) : failures.noFrameBetween({ path })
  }
  return { first, end, secondsOf: (place) => Math.max(0, seconds(place) - (source.start ?? 0)) }
}

/** Keeps packets as long as they are few. */
function keeper() {
  let kept: Packet[] | null = []
  let bytes = 0
  const drop = (): void => {
    kept?.forEach((packet) => {
      packet.free()
    })
    kept = null
  }
  return {
    add(packet: Packet): void {
      bytes += packet.size
      if (bytes > KEPT_BYTES) {
        drop()
      }
      const copy = kept === null ? null : packet.clone()
      if (copy !== null) {
        kept?.push(copy)
      }
    },
    packets: () => kept,
    [Symbol.dispose]: drop,
  }
}

function* readAgain(container: Container): Generator<Packet> {
  const again = openAgain(container)
  try {
    readOnly(again, [again.video])
    for (const [packet] of packetsOf(again)) {
      yield packet
    }
  } finally {
    again.format.closeInputSync()
  }
}
