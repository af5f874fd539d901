/** Any clips and captions, written in each format and left to be recognised, are read as they were. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CAPTION_FORMATS, parseCaptionText } from '../../../src-main/formats/captions/index.ts'

type Pair = readonly [clip: string, caption: string]

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`
const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('')
const byClip = (pairs: readonly Pair[]): [string, string[]][] =>
  [...Map.groupBy(pairs, ([clip]) => clip)].map(([clip, of]) => [clip, of.map(([, caption]) => caption)])
const cue = (number: number, mark: string): string =>
  `00:00:0${number % 10}${mark}000 --> 00:00:0${number % 10}${mark}500`

/** One writer for each format. */
const WRITERS: Record<string, (pairs: readonly Pair[]) => string> = {
  tsv: (pairs) => lines(pairs.map((pair) => pair.join('\t'))),
  csv: (pairs) => lines(['"clip","caption"', ...pairs.map((pair) => pair.map(quoted).join(','))]),
  flickr: (pairs) => lines(pairs.map(([clip, caption], n) => `${clip}#${n}\t${caption}`)),
  msvd: (pairs) =>
    lines([
      'VideoID,Start,End,WorkerID,Source,AnnotationTime,Language,Description',
      ...pairs.map(([clip, caption]) => `${quoted(clip)},1,2,7,clean,3,English,${quoted(caption)}`),
    ]),
  json: (pairs) => JSON.stringify(Object.fromEntries(byClip(pairs))),
  'json-list': (pairs) => JSON.stringify(pairs.map(([clip, caption]) => ({ video: clip, text: caption }))),
  jsonl: (pairs) => lines(pairs.map(([clip, caption]) => JSON.stringify({ video: clip, caption }))),
  huggingface: (pairs) => lines(pairs.map(([clip, text]) => JSON.stringify({ file_name: clip, text }))),
  coco: (pairs) =>
    JSON.stringify({
      images: pairs.map(([clip], id) => ({ id, file_name: clip })),
      annotations: pairs.map(([, caption], id) => ({ image_id: id, id: 9 - id, caption })),
    }),
  karpathy: (pairs) =>
    JSON.stringify({
      images: pairs.map(([clip, raw]) => ({
        filename: clip,
        split: 'val',
        sentences: [{ tokens: ['x'], raw }],
      })),
    }),
  msrvtt: (pairs) =>
    JSON.stringify({
      videos: pairs.map(([clip]) => ({ video_id: clip, split: 'validate', category: 3 })),
      sentences: pairs.map(([clip, caption]) => ({ sen_id: 1, video_id: clip, caption })),
    }),
  vatex: (pairs) => JSON.stringify(byClip(pairs).map(([videoID, enCap]) => ({ videoID, enCap }))),
  activitynet: (pairs) =>
    JSON.stringify(
      Object.fromEntries(
        byClip(pairs).map(([clip, sentences]) => [
          clip,
          { timestamps: sentences.map(() => [0, 1.5]), sentences },
        ]),
      ),
    ),
  'label-studio': (pairs) =>
    JSON.stringify(
      pairs.map(([video, caption]) => ({
        data: { video },
        annotations: [{ completed_by: 1, result: [{ type: 'textarea', value: { text: [caption] } }] }],
      })),
    ),
  fiftyone: (pairs) =>
    JSON.stringify({
      samples: byClip(pairs).map(([filepath, captions]) => ({
        filepath,
        tags: ['test', 'seen'],
        captions: {
          _cls: 'Classifications',
          classifications: captions.map((label) => ({ _cls: 'Classification', label })),
        },
      })),
    }),
  cvat: (pairs) =>
    `<?xml version="1.0"?>\n<annotations>\n${pairs
      .map(
        ([clip, caption]) =>
          `<image name="${escaped(clip)}"><tag><attribute name="caption">${escaped(caption)}</attribute></tag></image>`,
      )
      .join('\n')}</annotations>`,
  webvtt: (pairs) =>
    `WEBVTT\n\n${pairs.map(([, caption], n) => `${cue(n, '.')}\n${escaped(caption).replaceAll('&quot;', '"').replaceAll('>', '&gt;')}\n`).join('\n')}`,
  srt: (pairs) => pairs.map(([, caption], n) => `${n + 1}\n${cue(n, ',')}\n${caption}\n`).join('\n'),
}
/** What the file of a format is called. */
const FILES: Record<string, string> = { huggingface: 'metadata.jsonl' }
/** Formats of one clip, which is called as the file is. */
const OF_ONE_CLIP = new Set(['webvtt', 'srt'])

// XML has no control characters, subtitles have tags and times, and a clip's name has no mark of a part.
const word = (forbidden: RegExp): fc.Arbitrary<string> =>
  fc
    .string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
    .map((text) => text.trim().replace(/\s+/g, ' '))
    .filter((text) => text !== '' && !forbidden.test(text))
const clips = word(/[\p{Cc}\uFEFF#?\\[\]{}]|^\d+$|^\/data|^__proto__$/u)
const captions = word(/[\p{Cc}\uFEFF]|^[[{(]|<[a-z/]|-->|\{\\|^(?:nan|none|null)$/iu)

test('every format has a writer', () => {
  expect(Object.keys(WRITERS).sort()).toEqual(CAPTION_FORMATS.map(({ name }) => name).sort())
})

test.each(Object.keys(WRITERS))('%s', (format) => {
  fc.assert(
    fc.property(fc.array(fc.tuple(clips, captions), { minLength: 1, maxLength: 8 }), (pairs) => {
      // By clip, as formats that name each once write them.
      const grouped = byClip(pairs).flatMap(([clip, texts]) => texts.map((text): Pair => [clip, text]))
      const read = parseCaptionText(WRITERS[format]!(grouped), FILES[format] ?? 'x')
      expect(read.format.name).toBe(format)
      const expected = grouped.map(([clip, caption]) => [
        OF_ONE_CLIP.has(format) ? 'x' : clip + (format === 'msvd' ? '_1_2' : ''),
        caption,
      ])
      expect(read.entries.map(({ clip, caption }) => [clip, caption])).toEqual(expected)
    }),
    { numRuns: 60 },
  )
})
