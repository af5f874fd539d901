/**
 * Scoring and comparing captions: of any system, from files and without a project, and of two models of a
 * project.
 */
import { basename } from 'node:path'
import * as z from 'zod'
import { VitrineError } from '#contract'
import type { Comparison, FileComparison, FileScores } from '#contract'
import type { CallOptions, EngineClient } from '../../engine-host/client.ts'
import { parseCaptions } from '../corpus/captions-file.ts'
import { readText } from '../corpus/clips.ts'
import { count } from '../../common/text.ts'
import type { Workspace } from '../workspace.ts'
import type { Input } from '../service.ts'

/** A caption of a file; the line it stands on is known in text files only. */
interface FileCaption {
  caption: string
  line: number | null
}
type FileCaptions = Map<string, FileCaption[]>

const id = z.union([z.string(), z.number().transform(String)])
const text = z.union([z.string(), z.array(z.string())])
const cocoEntry = z.object({ image_id: id, caption: z.string() })
const cocoFile = z.object({ annotations: z.array(cocoEntry) })

/**
 * Scores one caption for each id against its references. Throws BAD_INPUT, naming file and line, for files
 * that don't fit each other.
 */
export async function scoreFiles(
  engine: EngineClient,
  { hypotheses, references, ...how }: Input<'training', 'scoreFiles'>,
  options: CallOptions,
): Promise<FileScores> {
  const human = await readCaptions(references)
  const system = matchSystem(await readCaptions(hypotheses), human, hypotheses, references)
  return engine.call(
    'metrics.score',
    { hypotheses: system, references: referencesOf(human), ...how },
    options,
  )
}

/** Compares two systems' captions of the same ids, with the same errors. Differences are b - a. */
export async function compareFiles(
  engine: EngineClient,
  { a, b, references, ...how }: Input<'training', 'compareFiles'>,
  options: CallOptions,
): Promise<FileComparison> {
  const human = await readCaptions(references)
  const [ofA, ofB] = [
    matchSystem(await readCaptions(a), human, a, references),
    matchSystem(await readCaptions(b), human, b, references),
  ]
  const { metrics } = await engine.call(
    'metrics.compare',
    { a: ofA, b: ofB, references: referencesOf(human), ...how },
    options,
  )
  return { captions: ofA.length, metrics }
}

/**
 * Compares the captions that two models have of a split's clips, those that both captioned and people did
 * too. Throws NOT_FOUND, and NOT_READY when a model has not captioned the split.
 */
export async function compareModels(
  { engine, project }: Workspace,
  { a, b, split, samples, seed }: Input<'training', 'compare'>,
  options: CallOptions,
): Promise<Comparison> {
  const { store, folder } = project()
  const human = store.clips.captionsByClip(split)
  const captionsOf = (modelId: number): Map<number, string> => {
    const { id: model } = store.models.get(modelId)
    const captions = store.captions.all(model, split)
    if (captions.length === 0) {
      throw new VitrineError(
        'NOT_READY',
        `Model ${model} has not captioned the ${split} split.`,
        `Caption it first: vitrine caption ${basename(folder)} --model ${model} --split ${split}`,
      )
    }
    return new Map(captions.map(({ clipId, caption }) => [clipId, caption]))
  }
  const [ofA, ofB] = [captionsOf(a), captionsOf(b)]
  const clips = [...ofA.keys()].filter((clip) => ofB.has(clip) && human.has(clip))
  if (clips.length === 0) {
    throw new VitrineError(
      'NOT_READY',
      `There is no clip of the ${split} split that both models captioned and that has human captions.`,
      'Caption the split with both models.',
    )
  }
  const system = (captions: ReadonlyMap<number, string>) =>
    clips.map((clip) => ({ id: String(clip), caption: captions.get(clip) ?? '' }))
  const references = clips.map((clip) => ({ id: String(clip), captions: human.get(clip) ?? [] }))
  const { metrics } = await engine.call(
    'metrics.compare',
    { a: system(ofA), b: system(ofB), references, tokenizer: 'words', samples, seed },
    options,
  )
  return { a, b, split, clips: clips.length, metrics }
}

async function readCaptions(path: string): Promise<FileCaptions> {
  return parseCaptionsById(await readText(path), basename(path))
}

/**
 * The captions of a file by id, in its order: `id<TAB>caption` text (or CSV, JSON lines), a JSON object of id
 * to caption or captions, a COCO result list or a COCO annotation file. Throws BAD_INPUT naming the file, and
 * the line in text files.
 */
export function parseCaptionsById(content: string, file: string): FileCaptions {
  const json = parseJson(content)
  if (json === undefined) {
    return grouped(parseCaptions(content, file).map(({ clip, caption, line }) => [clip, { caption, line }]))
  }
  const list = z.array(cocoEntry).safeParse(Array.isArray(json) ? json : undefined)
  const coco = cocoFile.safeParse(json)
  const entries = list.data ?? coco.data?.annotations
  if (entries !== undefined) {
    return grouped(entries.map((entry) => [entry.image_id, { caption: entry.caption, line: null }]))
  }
  const object = z.record(z.string(), text).safeParse(json)
  if (!object.success) {
    throw new VitrineError(
      'BAD_INPUT',
      `${file} is JSON, but neither an object of id to caption(s) nor a COCO file.`,
      'Write {"id": "caption"}, {"id": ["caption", ...]} or [{"image_id", "caption"}].',
    )
  }
  return grouped(
    Object.entries(object.data).flatMap(([key, captions]) =>
      [captions].flat().map((caption): [string, FileCaption] => [key, { caption, line: null }]),
    ),
  )
}

/** The one JSON value of a text, or undefined when it is something else (JSON lines among them). */
function parseJson(content: string): unknown {
  const first = content.trimStart()[0]
  if (first !== '{' && first !== '[') {
    return undefined
  }
  try {
    const value: unknown = JSON.parse(content)
    // A file of one JSON line is JSON as well.
    return z
      .object({ caption: z.string() })
      .or(z.object({ captions: z.array(z.string()) }))
      .safeParse(value).success
      ? undefined
      : value
  } catch {
    return undefined
  }
}

function grouped(entries: readonly (readonly [string, FileCaption])[]): FileCaptions {
  const byId: FileCaptions = new Map()
  for (const [key, caption] of entries) {
    const own = byId.get(key)
    if (own) {
      own.push(caption)
    } else {
      byId.set(key, [caption])
    }
  }
  return byId
}

const referencesOf = (human: FileCaptions) =>
  [...human].map(([key, captions]) => ({ id: key, captions: captions.map(({ caption }) => caption) }))

/** A system's captions, one for each id that the references name. */
function matchSystem(
  system: FileCaptions,
  human: FileCaptions,
  path: string,
  referencesPath: string,
): { id: string; caption: string }[] {
  const [file, references] = [basename(path), basename(referencesPath)]
  const fault = (line: number | null, what: string, remedy: string | null = null) =>
    new VitrineError('BAD_INPUT', `${file}${line === null ? '' : ` line ${line}`}: ${what}.`, remedy)
  const captions = [...system].map(([key, [caption, again]]) => {
    if (caption === undefined || again !== undefined) {
      throw fault(
        again?.line ?? null,
        `${key} has more than one caption to score`,
        'Give one caption for each id.',
      )
    }
    if (!human.has(key)) {
      throw fault(caption.line, `${references} has no reference for ${key}`)
    }
    return { id: key, caption: caption.caption }
  })
  const missing = [...human.keys()].filter((key) => !system.has(key))
  if (missing.length > 0) {
    throw fault(
      null,
      `${count(missing.length, 'id')} of ${references} without a caption, ${missing[0]} for one`,
      'Score captions against the references of the same clips only: the others would change the document frequencies of CIDEr.',
    )
  }
  return captions
}
