/** FFmpeg's filters on decoded pictures and sound. */
import { AV_BUFFERSRC_FLAG_KEEP_REF, AV_FRAME_DATA_DISPLAYMATRIX, AVERROR_EOF } from 'node-av/constants'
import type { AVSampleFormat } from 'node-av/constants'
import { avGetSampleFmtName, FilterGraph, Frame } from 'node-av/lib'
import type { FilterContext } from 'node-av/lib'
import { check, made } from './check.ts'

export interface FrameFilter extends Disposable {
  /** What comes out for a frame, or with null what is still to come. Each is good until the next one comes. */
  filter(frame: Frame | null): Generator<Frame>
}

/**
 * Filters as ffmpeg's option -vf describes them, such as `scale=160:-2,format=rgb24`, after a frame was turned
 * upright. Their time base is a tick. Failures are about `file`.
 */
export const createPictureFilter = (description: string, file: string): FrameFilter =>
  createFilter(inputOfPicture, `${description},buffersink@out`, file)

/** The same for sound, as option -af describes them. Their time base is a sample. */
export const createSoundFilter = (description: string, file: string): FrameFilter =>
  createFilter(inputOfSound, `${description},abuffersink@out`, file)

/** A graph, built anew when frames begin to look different. */
function createFilter(inputOf: (frame: Frame) => string, description: string, file: string): FrameFilter {
  const result = new Frame()
  result.alloc()
  let graph: FilterGraph | null = null
  let builtFor = ''

  const build = (input: string): FilterGraph => {
    const built = new FilterGraph()
    built.alloc()
    built.nbThreads = 1
    check(built.parsePtr(`${input},${description}`), file)
    check(built.configSync(), file)
    return built
  }
  const named = (from: FilterGraph, name: string): FilterContext =>
    made(from.getFilter(`buffer${name}`) ?? from.getFilter(`abuffer${name}`), file)

  return {
    *filter(frame) {
      const input = frame === null ? builtFor : inputOf(frame)
      if (input !== builtFor) {
        graph?.free()
        graph = build(input)
        builtFor = input
      }
      if (graph !== null) {
        const code = named(graph, '@in').buffersrcAddFrameSync(frame, AV_BUFFERSRC_FLAG_KEEP_REF)
        // A filter that has had its part, such as atrim, takes no more.
        if (code !== AVERROR_EOF) {
          check(code, file)
        }
        const sink = named(graph, 'sink@out')
        while (sink.buffersinkGetFrameSync(result) >= 0) {
          yield result
          result.unref()
        }
      }
    },
    [Symbol.dispose]() {
      graph?.free()
      result.free()
    },
  }
}

function inputOfSound(frame: Frame): string {
  const { mask, nbChannels } = frame.channelLayout
  const options = [
    `time_base=1/${frame.sampleRate}`,
    `sample_rate=${frame.sampleRate}`,
    `sample_fmt=${avGetSampleFmtName(frame.format as AVSampleFormat) ?? ''}`,
    `channel_layout=${mask === 0n ? `${nbChannels}c` : `0x${mask.toString(16)}`}`,
  ]
  return `abuffer@in=${options.join(':')}`
}

/** The source of a graph for a frame, and what turns it upright. */
function inputOfPicture(frame: Frame): string {
  const { num, den } = frame.sampleAspectRatio
  const options = [
    `video_size=${frame.width}x${frame.height}`,
    `pix_fmt=${frame.format}`,
    'time_base=1/1',
    `pixel_aspect=${num}/${Math.max(1, den)}`,
    `colorspace=${frame.colorSpace}`,
    `range=${frame.colorRange}`,
  ]
  return [`buffer@in=${options.join(':')}`, ...turns(frame)].join(',')
}

/** The filters that turn a frame upright, by its display matrix: the ones of ffmpeg's option -autorotate. */
function turns(frame: Frame): string[] {
  const bytes = frame.getSideData(AV_FRAME_DATA_DISPLAYMATRIX)
  return bytes === null || bytes.length < 36
    ? []
    : turnsOf(Array.from({ length: 9 }, (_, i) => bytes.readInt32LE(4 * i)))
}

/** The same for a matrix of nine numbers, row by row; turns by other angles than quarters are left out. */
function turnsOf(matrix: readonly number[]): string[] {
  const [a = 0, b = 0, , c = 0, d = 0] = matrix
  const angle = (Math.round((Math.atan2(b, a) * 180) / Math.PI) + 360) % 360
  switch (angle) {
    case 90:
      return [`transpose=${c > 0 ? 'cclock_flip' : 'clock'}`]
    case 180:
      return [...(a < 0 ? ['hflip'] : []), ...(d < 0 ? ['vflip'] : [])]
    case 270:
      return [`transpose=${c < 0 ? 'clock_flip' : 'cclock'}`]
    default:
      return d < 0 ? ['vflip'] : []
  }
}

/** The size of a frame after it was turned upright. */
export function sizeUpright(frame: Frame): { width: number; height: number } {
  const { width, height } = frame
  const isTurned = turns(frame).some((filter) => filter.startsWith('transpose'))
  return isTurned ? { width: height, height: width } : { width, height }
}
