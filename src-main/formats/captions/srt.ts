/** SubRip beside a clip: numbered cues with times. */
import { cueEntries, hasCueTimes } from './cues.ts'
import type { CaptionFormat } from './format.ts'

const TIME = '\\d{1,3}:[0-5]\\d:[0-5]\\d[,.]\\d{1,3}'
const TIMES = new RegExp(`^\\s*(${TIME})\\s*-->\\s*(${TIME})(?:\\s|$)`)

export const srt: CaptionFormat = {
  name: 'srt',
  title: 'SubRip (SRT) beside each clip',
  accepts: 'SRT called as its clip is',
  follows: 'SubRip as FFmpeg reads it (libavformat/srtdec.c)',
  extensions: ['.srt'],
  counts: 'line',
  structure: 'text',
  recognises: (document) => hasCueTimes(document, TIMES),
  parse: (document) =>
    cueEntries(document, {
      times: TIMES,
      example: '00:00:00,000 --> 00:00:02,500',
      // None: all its blocks are cues, or parts of one.
      others: /^(?!)/,
      goesOn: true,
      plain: (text) => text.replace(/<\/?[a-z][^>]*>|\{\\[^}]*\}/gi, ''),
    }),
}
