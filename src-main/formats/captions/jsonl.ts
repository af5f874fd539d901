/** One object a line: {"video": "a", "caption": "..."} or {"video": "a", "captions": ["...", "..."]}. */
import * as z from 'zod'
import { defineFailures } from '../../common/failures.ts'
import { linesOf } from '../text/text-file.ts'
import { CLIP_COLUMNS } from './format.ts'
import type { CaptionEntry, CaptionFormat, CaptionSource } from './format.ts'

const failures = defineFailures('captions.jsonl', {
  notJson: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: the line is not valid JSON.',
    remedy: 'Accepted are {accepted}.',
  },
  noClip: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: the object names no clip ("video": "...").',
    remedy: 'Accepted are {accepted}.',
  },
  noCaption: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: the object of {clip} holds no caption ("caption": "...").',
    remedy: 'Accepted are {accepted}.',
  },
})

const jsonObject = z.record(z.string(), z.unknown())
const clipName = z.union([z.string(), z.number().transform(String)])
const captionTexts = z.union([z.string(), z.array(z.string()).min(1)])

export const jsonl: CaptionFormat = {
  name: 'jsonl',
  title: 'JSON lines',
  brief: 'JSON lines',
  accepts: 'JSON lines {"video", "caption"}',
  extensions: ['.jsonl', '.ndjson'],
  recognises: (firstLine) => firstLine.trimStart().startsWith('{'),
  parse,
}

function parse(content: string, source: CaptionSource): CaptionEntry[] {
  return [...linesOf(content)].flatMap(({ line, text }) => {
    const { clip, captions } = parseLine(text, { ...source, line })
    return captions.map((caption) => ({ clip, caption, line }))
  })
}

function parseLine(
  text: string,
  place: CaptionSource & { line: number },
): { clip: string; captions: string[] } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw failures.notJson(place)
  }
  const object = jsonObject.safeParse(value).data ?? {}
  const clip = CLIP_COLUMNS.map((name) => clipName.safeParse(object[name]).data).find(
    (name) => name !== undefined,
  )
  if (clip === undefined) {
    throw failures.noClip(place)
  }
  const captions = captionTexts.safeParse(object['captions'] ?? object['caption'])
  if (!captions.success) {
    throw failures.noCaption({ ...place, clip })
  }
  return { clip, captions: [captions.data].flat() }
}
