/** A file of subtitles a clip, or a video with its parts, and a language. */
import { grouped } from '../../../common/grouped.ts'
import { fileName } from '../../file-name.ts'
import { byVideo, timesOf } from './videos.ts'
import type { CaptionWriter, Clips, WrittenCaption, WrittenFile } from './written.ts'

const LOST = 'source, time and split of captions, and their authors'

export const webvttWriter: CaptionWriter = {
  format: 'webvtt',
  loses: `${LOST}, who stand there as voices and are not read`,
  files: (clips) =>
    subtitles(clips, '.vtt', (cues) => [
      'WEBVTT\n',
      ...cues.map(
        ({ start, end, caption: { author, text } }) =>
          `\n${timeOf(start, '.')} --> ${timeOf(end, '.')}\n${author === null ? '' : `<v ${escaped(author)}>`}${escaped(text)}\n`,
      ),
    ]),
}

export const srtWriter: CaptionWriter = {
  format: 'srt',
  loses: `${LOST}; text that looks like a tag`,
  files: (clips) =>
    subtitles(clips, '.srt', (cues) =>
      cues.map(
        ({ start, end, caption: { text } }, i) =>
          `${i === 0 ? '' : '\n'}${i + 1}\n${timeOf(start, ',')} --> ${timeOf(end, ',')}\n${text}\n`,
      ),
    ),
}

interface Cue {
  start: number
  end: number
  caption: WrittenCaption
}

function subtitles(
  clips: Clips,
  extension: string,
  write: (cues: readonly Cue[]) => string[],
): WrittenFile[] {
  return [...byVideo(clips)].flatMap(([video, parts]) => {
    const cues = parts.flatMap((clip) => {
      const [start, end] = timesOf(clip)
      return clip.captions.map((caption): Cue => ({ start, end, caption }))
    })
    const byLanguage = grouped(
      cues,
      ({ caption: { language } }) => language,
      (cue) => cue,
    )
    return [...byLanguage].map(([language, those]) => ({
      name: `${fileName(video)}${suffixOf(language)}${extension}`,
      pieces: write(those),
    }))
  })
}

/** Readers know languages of two letters, and regions of two. */
const suffixOf = (language: string | null): string =>
  language !== null && /^[a-z]{2}(?:-[a-z]{2})?$/i.test(language) ? `.${language}` : ''

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** `00:01:02.500` */
function timeOf(seconds: number, mark: string): string {
  const thousandths = Math.round(seconds * 1000)
  const padded = (value: number, digits: number): string => String(Math.floor(value)).padStart(digits, '0')
  const [hours, minutes, rest] = [
    thousandths / 3_600_000,
    (thousandths / 60_000) % 60,
    (thousandths / 1000) % 60,
  ]
  return `${padded(hours, 2)}:${padded(minutes, 2)}:${padded(rest, 2)}${mark}${padded(thousandths % 1000, 3)}`
}
