/** WebVTT beside a clip: `WEBVTT`, then cues with times. */
import { cueEntries } from './cues.ts'
import type { CaptionFormat } from './format.ts'

const TIME = '(?:\\d{2,}:)?[0-5]\\d:[0-5]\\d\\.\\d{3}'

export const webvtt: CaptionFormat = {
  name: 'webvtt',
  title: 'WebVTT beside each clip',
  accepts: 'WebVTT called as its clip is',
  follows: 'WebVTT of the W3C',
  extensions: ['.vtt'],
  counts: 'line',
  structure: 'text',
  recognises: ({ head: [first] }) => /^WEBVTT(?:[ \t]|$)/.test(first?.text ?? ''),
  parse: (document) =>
    cueEntries(document, {
      times: new RegExp(`^\\s*(${TIME})\\s+-->\\s+(${TIME})(?:\\s|$)`),
      example: '00:00.000 --> 00:02.500',
      goesOn: false,
      others: /^(?:WEBVTT|NOTE|STYLE|REGION)(?:[ \t]|$)/,
      plain,
    }),
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', nbsp: ' ', lrm: '', rlm: '' }

/** Without tags (voices, classes, times), with the six characters that are written as entities. */
const plain = (text: string): string =>
  text.replace(/<[^>]*>/g, '').replace(/&(\w+);/g, (entity, name: string) => ENTITIES[name] ?? entity)
