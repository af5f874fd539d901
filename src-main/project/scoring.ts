/** Scoring captions of any system: files of captions in, metrics out; no project needed. */
import { basename } from 'node:path'
import * as z from 'zod'
import { VitrineError } from '#contract'
import type { EngineClient } from '../engine/client.ts'
import type { EngineResult } from '../engine/contract.ts'
import { parseCaptions } from './captions-file.ts'
import { readText } from './corpus.ts'

const id = z.union([z.string(), z.number().transform(String)])
const text = z.union([z.string(), z.array(z.string())])
const cocoEntry = z.object({ image_id: id, caption: z.string() })
const cocoFile = z.object({ annotations: z.array(cocoEntry) })

/**
 * The captions of a file by id, in its order: `id<TAB>caption` text (or CSV, JSON lines), a JSON object of id to caption
 * or captions, a COCO result list or a COCO annotation file. Throws BAD_INPUT naming the file, and the line in text files.
 */
export function parseCaptionsById(content: string, file: string): Map<string, string[]> {
  const json = parseJson(content)
  if (json === undefined) return grouped(parseCaptions(content, file).map(({ clip, caption }) => [clip, caption]))
  const list = z.array(cocoEntry).safeParse(Array.isArray(json) ? json : undefined)
  const coco = cocoFile.safeParse(json)
  const entries = list.data ?? coco.data?.annotations
  if (entries !== undefined) return grouped(entries.map((entry) => [entry.image_id, entry.caption]))
  const object = z.record(z.string(), text).safeParse(json)
  if (!object.success) {
    throw new VitrineError('BAD_INPUT', `${file} is JSON, but neither an object of id to caption(s) nor a COCO file.`, 'Write {"id": "caption"}, {"id": ["caption", ...]} or [{"image_id", "caption"}].')
  }
  return grouped(Object.entries(object.data).flatMap(([key, captions]) => [captions].flat().map((caption): [string, string] => [key, caption])))
}

/** The one JSON value of a text, or undefined when it is something else (JSON lines among them). */
function parseJson(content: string): unknown {
  const first = content.trimStart()[0]
  if (first !== '{' && first !== '[') return undefined
  try {
    const value: unknown = JSON.parse(content)
    // A file of one JSON line is JSON as well.
    return z.object({ caption: z.string() }).or(z.object({ captions: z.array(z.string()) })).safeParse(value).success ? undefined : value
  } catch {
    return undefined
  }
}

function grouped(entries: readonly (readonly [string, string])[]): Map<string, string[]> {
  const byId = new Map<string, string[]>()
  for (const [key, caption] of entries) {
    const own = byId.get(key)
    if (own) own.push(caption)
    else byId.set(key, [caption])
  }
  return byId
}

/** Scores one hypothesis for each id against its references. Throws BAD_INPUT for files that don't fit each other. */
export async function scoreFiles(engine: EngineClient, hypothesesFile: string, referencesFile: string, signal?: AbortSignal): Promise<EngineResult<'metrics.score'>> {
  const read = async (path: string) => parseCaptionsById(await readText(path), basename(path))
  const [hypotheses, references] = [await read(hypothesesFile), await read(referencesFile)]
  return engine.call('metrics.score', {
    hypotheses: [...hypotheses].map(([key, captions]) => {
      const [caption] = captions
      if (caption === undefined || captions.length > 1) {
        throw new VitrineError('BAD_INPUT', `${basename(hypothesesFile)} holds ${captions.length} captions of ${key}.`, 'Give one caption to score for each id.')
      }
      return { id: key, caption }
    }),
    references: [...references].map(([key, captions]) => ({ id: key, captions })),
  }, signal && { signal })
}
