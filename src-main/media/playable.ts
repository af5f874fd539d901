/** What Chromium plays, as tried on it; HEVC is left out because it fails there without a word. */
const PLAYED: readonly { container: string; contentType: string; codecs: readonly string[] }[] = [
  { container: 'mp4', contentType: 'video/mp4', codecs: ['h264', 'vp9', 'av1'] },
  { container: 'webm', contentType: 'video/webm', codecs: ['h264', 'vp8', 'vp9', 'av1'] },
]
const PLAYED_PIXELS = ['yuv420p', 'yuvj420p']
/** Sound that is heard, too; a video with any other is shown by its proxy. */
const HEARD = ['aac', 'mp3', 'opus', 'vorbis', 'flac', 'pcm_s16le', 'pcm_s24le', 'pcm_f32le']

/** Still pictures, by the name of their demuxer. */
const SHOWN: ReadonlyMap<string, string> = new Map([
  ['jpeg_pipe', 'image/jpeg'],
  ['png_pipe', 'image/png'],
  ['webp_pipe', 'image/webp'],
])

/**
 * As what a file can be given to a browser; null where it does not play it. `container`: the names of FFmpeg's
 * demuxer, with commas; `soundCodec`: null without sound, or where it is not known.
 */
export function contentTypeOf({
  container,
  codec,
  pixelFormat,
  soundCodec,
}: {
  container: string
  codec: string
  pixelFormat: string
  soundCodec: string | null
}): string | null {
  const names = container.split(',')
  const kind = PLAYED.find((played) => names.includes(played.container))
  const isPlayed =
    kind?.codecs.includes(codec) === true &&
    PLAYED_PIXELS.includes(pixelFormat) &&
    (soundCodec === null || HEARD.includes(soundCodec))
  return isPlayed ? kind.contentType : (SHOWN.get(container) ?? null)
}
