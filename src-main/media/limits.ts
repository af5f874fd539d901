/** What one file may take, so that one made to harm does not take the machine. */
export const LIMITS = {
  /** From start to end. */
  seconds: 2 * 3600,
  /** Without a new frame, where frames are counted. */
  secondsWithoutFrame: 120,
  frames: 1_000_000,
  /** Of a frame: 8192 by 8192. */
  pixels: 8192 * 8192,
  /** Of one block of memory, where the ffmpeg program is used. */
  blockBytes: 2 ** 30,
  /** Of all memory (which the system holds to on Linux). */
  memoryBytes: 8 * 2 ** 30,
} as const

export type Limits = Record<keyof typeof LIMITS, number>

/**
 * The containers that are opened, by the names of FFmpeg's demuxers. None of them names other files: a
 * playlist called a.mp4 is refused, whatever it lists.
 */
export const CONTAINERS = [
  'mov',
  'matroska',
  'avi',
  'mpeg',
  'mpegvideo',
  'mpegts',
  'asf',
  'flv',
  'ogg',
  'gif',
]
