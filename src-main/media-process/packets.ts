/**
 * The packets of a video in the order of their file, which is that of decoding; and which frames they say there are,
 * without decoding them.
 */
import {
  AV_CODEC_ID_VP8,
  AV_NOPTS_VALUE,
  AV_PKT_FLAG_CORRUPT,
  AV_PKT_FLAG_DISCARD,
  AVERROR_EAGAIN,
} from 'node-av/constants'
import { Packet } from 'node-av/lib'
import type { Container } from './container.ts'
import type { Watch } from './watch.ts'

/** What a packet says of its frame; times in ticks of the stream's time base. */
export interface PacketFacts {
  /** When the frame is shown; null: not said. */
  shownAt: number | null
  /** When it is decoded; null: not said. */
  decodedAt: number | null
  /** 0: not said. */
  duration: number
  /** Whether decoding can begin here. */
  isKey: boolean
  isCorrupt: boolean
  /** Whether its frame is decoded for others only, and not shown. */
  isHidden: boolean
}

/** Containers of broadcasts, in which the clock may jump where recordings were put together. */
const JUMPING = ['mpegts', 'mpeg']
/** Seconds forward, and back, that are no jump yet. */
const LARGEST_STEP = 10
const LARGEST_STEP_BACK = 0.1

/** Ends of reading that are no end, in a row. */
const MOST_TRIES = 1000

/**
 * Reads the packets of a container's video from its start, one time; and those of its sound, with null for facts,
 * unless `readOnly` left them out. Each is the same object, and good until the next one is asked for.
 */
export function* packetsOf({
  format,
  names,
  video,
  sound,
}: Container): Generator<[Packet, PacketFacts | null]> {
  using packet = new Packet()
  packet.alloc()
  const isJumping = JUMPING.some((name) => names.includes(name))
  const clock = isJumping ? createClock(video.timeBase.toDouble()) : null
  const isVp8 = video.codecpar.codecId === AV_CODEC_ID_VP8
  let tries = 0
  while (tries < MOST_TRIES) {
    packet.unref()
    const code = format.readFrameSync(packet)
    if (code === AVERROR_EAGAIN) {
      tries++
      continue
    }
    if (code < 0) {
      return
    }
    tries = 0
    if (packet.streamIndex === video.index) {
      clock?.repair(packet)
      yield [packet, factsOf(packet, isVp8)]
    } else if (packet.streamIndex === sound?.index) {
      clock?.follow(packet, sound.timeBase.toDouble())
      yield [packet, null]
    }
  }
}

function factsOf(packet: Packet, isVp8: boolean): PacketFacts {
  const { flags } = packet
  return {
    shownAt: ticks(packet.pts),
    decodedAt: ticks(packet.dts),
    duration: Math.max(0, Number(packet.duration)),
    isKey: packet.isKeyframe,
    isCorrupt: (flags & AV_PKT_FLAG_CORRUPT) !== 0,
    isHidden: (flags & AV_PKT_FLAG_DISCARD) !== 0 || (isVp8 && isHiddenVp8(packet)),
  }
}

const ticks = (value: bigint): number | null => (value === AV_NOPTS_VALUE ? null : Number(value))

/** RFC 6386, section 9.1: the fifth bit of a frame says that it is shown. */
const isHiddenVp8 = ({ data }: Packet): boolean => data !== null && ((data[0] ?? 0xff) & 0x10) === 0

/** Carries a clock on over its jumps. */
function createClock(secondsPerTick: number) {
  let offset = 0
  let last: number | null = null
  let step = 0
  return {
    repair(packet: Packet): void {
      const decodedAt = ticks(packet.dts) ?? ticks(packet.pts)
      if (decodedAt === null) {
        return
      }
      const delta = last === null ? 0 : (decodedAt + offset - last) * secondsPerTick
      if (last !== null && (delta > LARGEST_STEP || delta < -LARGEST_STEP_BACK)) {
        offset = last + step - decodedAt
      }
      step = Math.max(
        1,
        Number(packet.duration),
        last === null ? 0 : Math.min(step, decodedAt + offset - last),
      )
      last = decodedAt + offset
      shift(packet, offset)
    },
    /** Moves a packet of another stream along. */
    follow(packet: Packet, itsSecondsPerTick: number): void {
      shift(packet, Math.round((offset * secondsPerTick) / itsSecondsPerTick))
    },
  }
}

function shift(packet: Packet, offset: number): void {
  const { pts, dts } = packet
  packet.pts = pts === AV_NOPTS_VALUE ? pts : pts + BigInt(offset)
  packet.dts = dts === AV_NOPTS_VALUE ? dts : dts + BigInt(offset)
}

/** Which frames there are, by their packets. */
export interface FrameList {
  /** When each is shown, in ticks, ascending. */
  shownAt: number[]
  /**
   * Whether decoded frames are known again by these times; else they are counted, because the container says no
   * times, or the same one twice.
   */
  isTimed: boolean
  /** The packets at which decoding can begin, by their place among all packets. */
  keys: { packet: number; shownAt: number }[]
  /** For how long the last frame is shown, in ticks; 0: not said. */
  lastDuration: number
  packets: number
  /** When frames are shown whose packets the container marks as damaged. */
  damagedAt: ReadonlySet<number>
  /** Whether the last packet is not whole. */
  endsCorrupt: boolean
}

/** Puts a list together from packets, which it hears of in their order. */
function createFrameList() {
  const shown: PacketFacts[] = []
  const keys: { packet: number; facts: PacketFacts }[] = []
  let packets = 0
  let endsCorrupt = false
  return {
    add(facts: PacketFacts): void {
      if (facts.isKey) {
        keys.push({ packet: packets, facts })
      }
      if (!facts.isHidden) {
        shown.push(facts)
      }
      packets++
      endsCorrupt = facts.isCorrupt
    },
    list(): FrameList {
      const timeOf = clockOf(shown)
      const last = shown.reduce(
        (latest, facts) => (timeOf(facts) >= timeOf(latest) ? facts : latest),
        shown[0]!,
      )
      const times = shown.map(timeOf).sort((a, b) => a - b)
      const isTimed = shown.every(({ shownAt }) => shownAt !== null) && isAscending(times)
      return {
        shownAt: isTimed ? times : ascending(times),
        isTimed,
        keys: keys.map(({ packet, facts }) => ({ packet, shownAt: timeOf(facts) })),
        lastDuration: shown.length === 0 ? 0 : last.duration,
        packets,
        damagedAt: new Set(shown.filter(({ isCorrupt }) => isCorrupt).map(timeOf)),
        endsCorrupt,
      }
    },
  }
}

/**
 * When the frame of a packet is shown. Where not every packet says so, all are taken to be shown as long after they
 * are decoded as the first: their order is right then, and their distances.
 */
function clockOf(shown: readonly PacketFacts[]): (facts: PacketFacts) => number {
  if (shown.every(({ shownAt }) => shownAt !== null)) {
    return ({ shownAt }) => shownAt ?? 0
  }
  const earliest = (times: (number | null)[]): number =>
    times.reduce<number>((least, time) => Math.min(least, time ?? Infinity), Infinity)
  const delay =
    earliest(shown.map(({ shownAt }) => shownAt)) - earliest(shown.map(({ decodedAt }) => decodedAt))
  let next = 0
  const known = new Map<PacketFacts, number>()
  for (const facts of shown) {
    const time = facts.decodedAt === null ? next : facts.decodedAt + (Number.isFinite(delay) ? delay : 0)
    known.set(facts, time)
    next = time + Math.max(1, facts.duration)
  }
  return (facts) => known.get(facts) ?? 0
}

const isAscending = (times: readonly number[]): boolean =>
  times.every((time, i) => i === 0 || time > times[i - 1]!)

/** The same times, each a tick later at least than the one before. */
function ascending(times: readonly number[]): number[] {
  let last = -Infinity
  return times.map((time) => (last = Math.max(time, last + 1)))
}

/** Reads all packets; `onPacket` sees each. */
export async function listFrames(
  container: Container,
  watch: Watch,
  onPacket: (packet: Packet, facts: PacketFacts) => void = () => {},
): Promise<FrameList> {
  const { add, list } = createFrameList()
  for (const [packet, facts] of packetsOf(container)) {
    if (facts === null) {
      continue
    }
    onPacket(packet, facts)
    add(facts)
    watch.frame()
    await watch.step()
  }
  return list()
}
