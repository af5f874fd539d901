/**
 * Decodes chosen frames of a video. The list of its packets says which groups of pictures hold them, and only those
 * are decoded; frames are known again by their times. Where one does not come, or the container's times are not
 * those of the frames, everything is decoded once to see what there is; what stands in a lost frame's place is the
 * one before it, as a player would go on to show it, or else the next.
 */
import type { Frame, Packet } from 'node-av/lib'
import { failures } from '../media/failures.ts'
import type { Limits } from '../media/limits.ts'
import { openDecoder } from './decoder.ts'
import type { DecodedFrame, FrameDecoder } from './decoder.ts'
import { matchFrames } from './frame-matching.ts'
import type { FrameList } from './packets.ts'
import type { Video } from './video.ts'
import type { Watch } from './watch.ts'

interface ChosenFrames {
  /** Places in the video's list, ascending without repeats. */
  places: readonly number[]
  limits: Limits
  watch: Watch
  /** As of `openDecoder`. */
  isStrict?: boolean
  /** Gets each in its turn: `i` counts `places`. The frame is good until the next one comes. */
  onFrame: (frame: Frame, i: number) => void
}

/** Returns the places of the list whose frames can't be decoded. Throws BAD_INPUT where none can. */
export async function decodeChosen(video: Video, chosen: ChosenFrames): Promise<number[]> {
  const { path } = video.source
  using decoder = openDecoder(video.container.video, {
    file: path,
    limits: chosen.limits,
    isStrict: chosen.isStrict ?? false,
  })
  const isDone = video.list.isTimed
    ? await decodeByTime(video, decoder, chosen)
    : await decodeByNumber(video, decoder, { ...chosen, numbers: chosen.places })
  if (isDone) {
    return []
  }
  decoder.restart()
  const decoded: Omit<DecodedFrame, 'frame'>[] = []
  await decodeAll(video, decoder, chosen.watch, ({ shownAt, isWhole }) => {
    decoded.push({ shownAt, isWhole: isWhole && !video.list.damagedAt.has(shownAt ?? NaN) })
    return true
  })
  if (decoded.length === 0) {
    throw failures.noFrame({ path })
  }
  const { numberOf, lost } = matchFrames(video.list, decoded)
  decoder.restart()
  const numbers = chosen.places.map((place) => numberOf[place] ?? 0)
  await decodeByNumber(video, decoder, { ...chosen, numbers, isDamagedToo: true })
  return lost.filter((place) => place >= video.first && place < video.end)
}

/** Decodes what holds the chosen frames; returns whether each came, whole. */
async function decodeByTime(
  { list, packets }: Video,
  decoder: FrameDecoder,
  { places, watch, onFrame }: ChosenFrames,
): Promise<boolean> {
  const groups = groupsOf(list, places)
  let group = 0
  let next = 0
  let isMissing = false
  const offer = ({ frame, shownAt, isWhole }: DecodedFrame): void => {
    const timeOfNext = (): number => list.shownAt[places[next] ?? -1] ?? Infinity
    if (shownAt === null || !isWhole || list.damagedAt.has(shownAt)) {
      return
    }
    while (timeOfNext() < shownAt) {
      isMissing = true
      next++
    }
    if (timeOfNext() === shownAt) {
      watch.frame()
      onFrame(frame, next++)
    }
  }
  const decode = (packet: Packet | null): void => {
    for (const frame of decoder.decode(packet)) {
      offer(frame)
    }
  }
  let place = 0
  for (const packet of packets()) {
    if (place === groups[group]?.end) {
      decode(null)
    }
    while (next >= (groups[group]?.places ?? Infinity)) {
      decoder.restart()
      group++
    }
    const { start, end } = groups[group] ?? { start: Infinity, end: 0 }
    if (isMissing || group === groups.length || place >= end) {
      break
    }
    if (place >= start) {
      decode(packet)
      await watch.step()
    }
    place++
  }
  decode(null)
  return !isMissing && next === places.length
}

/** Packets from one place to before another, to be decoded in one go. */
interface PacketRange {
  start: number
  end: number
  /** How many of the chosen places have come when it is done. */
  places: number
}

/** The groups of pictures that hold the frames of some places. */
function groupsOf({ keys, shownAt, packets }: FrameList, places: readonly number[]): PacketRange[] {
  const later = keys.filter(({ packet }) => packet > 0)
  const starts = [0, ...later.map(({ packet }) => packet)]
  const ranges: PacketRange[] = []
  let group = 0
  for (const [i, place] of places.entries()) {
    const time = shownAt[place] ?? 0
    while ((later[group]?.shownAt ?? Infinity) <= time) {
      group++
    }
    const start = starts[group] ?? 0
    // Pictures that are shown before a key frame may stand behind it: the next group's first packets belong here.
    const end = starts[group + 2] ?? packets
    const last = ranges.at(-1)
    if (last !== undefined && start < last.end) {
      Object.assign(last, { end, places: i + 1 })
    } else {
      ranges.push({ start, end, places: i + 1 })
    }
  }
  return ranges
}

interface NumberedFrames extends ChosenFrames {
  /** The numbers of the frames as they are decoded, ascending; a number may stand there more than once. */
  numbers: readonly number[]
  isDamagedToo?: boolean
}

/** Decodes from the start, counting; returns whether each came. */
async function decodeByNumber(
  video: Video,
  decoder: FrameDecoder,
  { numbers, watch, onFrame, isDamagedToo = false }: NumberedFrames,
): Promise<boolean> {
  let number = 0
  let next = 0
  await decodeAll(video, decoder, watch, ({ frame, isWhole }) => {
    if (!isWhole && !isDamagedToo) {
      return false
    }
    while ((numbers[next] ?? Infinity) <= number) {
      onFrame(frame, next++)
    }
    number++
    return next < numbers.length
  })
  return next === numbers.length
}

/** Decodes a whole video, until `onFrame` answers false. */
async function decodeAll(
  { packets }: Video,
  decoder: FrameDecoder,
  watch: Watch,
  onFrame: (frame: DecodedFrame) => boolean,
): Promise<void> {
  for (const packet of andThenNull(packets())) {
    for (const frame of decoder.decode(packet)) {
      watch.frame()
      if (!onFrame(frame)) {
        return
      }
    }
    await watch.step()
  }
}

function* andThenNull<Value>(values: Iterable<Value>): Generator<Value | null> {
  yield* values
  yield null
}
