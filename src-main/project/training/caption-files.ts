/** Files of captions by id, as scoring takes them: what a system says, and what people say. */
import { basename } from 'node:path'
import * as z from 'zod'
import { parseCaptions } from '../corpus/captions-file.ts'
import { readText } from '../corpus/text-file.ts'
import { failures } from './failures.ts'

interface CaptionFile {
  /** Its name. */
  name: string
  /** In the file's order. */
  captions: ReadonlyMap<string, readonly FileCaption[]>
}

/** A caption of a file; the line it stands on is known in text files only. */
interface FileCaption {
  caption: string
  line: number | null
}
type CaptionEntry = [id: string, caption: FileCaption]

const captionId = z.union([z.string(), z.number().transform(String)])
const cocoEntry = z.object({ image_id: captionId, caption: z.string() })
const cocoResults = z.array(cocoEntry)
const cocoAnnotations = z.object({ annotations: z.array(cocoEntry) })
const captionsById = z.record(z.string(), z.union([z.string(), z.array(z.string())]))
/** JSON lines, of which a file of one is JSON as well. */
const jsonLine = z.object({ caption: z.string() }).or(z.object({ captions: z.array(z.string()) }))

/**
 * The captions of a file by id: `id<TAB>caption` text (or CSV, JSON lines), a JSON object of id to caption or
 * captions, a COCO result list or a COCO annotation file. Throws BAD_INPUT naming the file, and the line in
 * text files.
 */
export async function readCaptionFile(path: string): Promise<CaptionFile> {
  const name = basename(path)
  const content = await readText(path)
  const json = parseJson(content)
  const entries =
    json === undefined
      ? parseCaptions(content, name).map(({ clip, caption, line }): CaptionEntry => [clip, { caption, line }])
      : jsonEntries(json, name)
  const captions = new Map<string, FileCaption[]>()
  for (const [id, caption] of entries) {
    const known = captions.get(id)
    if (known) {
      known.push(caption)
    } else {
      captions.set(id, [caption])
    }
  }
  return { name, captions }
}

/** The one JSON value of a text, or undefined when it is something else (JSON lines among them). */
function parseJson(content: string): unknown {
  if (!/^\s*[{[]/.test(content)) {
    return undefined
  }
  try {
    const value: unknown = JSON.parse(content)
    return jsonLine.safeParse(value).success ? undefined : value
  } catch {
    return undefined
  }
}

function jsonEntries(json: unknown, file: string): CaptionEntry[] {
  const coco = cocoResults.safeParse(json).data ?? cocoAnnotations.safeParse(json).data?.annotations
  if (coco !== undefined) {
    return coco.map((entry) => [entry.image_id, { caption: entry.caption, line: null }])
  }
  const byId = captionsById.safeParse(json)
  if (!byId.success) {
    throw failures.unknownJson({ file })
  }
  return Object.entries(byId.data).flatMap(([id, captions]) =>
    [captions].flat().map((caption): CaptionEntry => [id, { caption, line: null }]),
  )
}

/** All captions of each id, as the engine takes references. */
export const referencesOf = ({ captions }: CaptionFile): { id: string; captions: string[] }[] =>
  [...captions].map(([id, texts]) => ({ id, captions: texts.map(({ caption }) => caption) }))

/** A system's captions, one for each id that the references name. Throws BAD_INPUT where they differ. */
export function matchReferences(
  system: CaptionFile,
  references: CaptionFile,
): { id: string; caption: string }[] {
  const captions = [...system.captions].map(([id, [caption, another]]) => {
    if (caption === undefined || another !== undefined) {
      throw severalCaptions(system.name, id, another?.line ?? null)
    }
    if (!references.captions.has(id)) {
      throw noReference(system.name, references.name, id, caption.line)
    }
    return { id, caption: caption.caption }
  })
  const missing = [...references.captions.keys()].filter((id) => !system.captions.has(id))
  const [clip] = missing
  if (clip !== undefined) {
    throw failures.captionsMissing({
      file: system.name,
      missing: missing.length,
      references: references.name,
      clip,
    })
  }
  return captions
}

const severalCaptions = (file: string, clip: string, line: number | null) =>
  line === null
    ? failures.severalCaptions({ file, clip })
    : failures.severalCaptionsAtLine({ file, clip, line })

const noReference = (file: string, references: string, clip: string, line: number | null) =>
  line === null
    ? failures.noReference({ file, references, clip })
    : failures.noReferenceAtLine({ file, references, clip, line })
