/** Files of captions by id, as scoring takes them: what a system says, and what people say. */
import { basename } from 'node:path'
import { nameIndex } from '../../formats/captions/clip-names.ts'
import type { CaptionEntry } from '../../formats/captions/index.ts'
import { readCaptions } from '../../formats/captions/read.ts'
import { divisionNotices } from '../review/captioning.ts'
import { failures } from './failures.ts'

export interface CaptionFile {
  /** Its name. */
  name: string
  /** In the file's order. */
  captions: ReadonlyMap<string, readonly FileCaption[]>
  /** What people should hear of, a sentence each. */
  notices: readonly string[]
}

/** A caption of a file, and where it stands: `line 3`. */
interface FileCaption {
  caption: string
  place: string
}

/**
 * The captions of a file of any format by id. Captions may be empty: a system may say nothing. Throws BAD_INPUT
 * naming the file and the place.
 */
export async function readCaptionFile(
  path: string,
  reading: { worker: string; signal: AbortSignal },
): Promise<CaptionFile> {
  const { entries, counts, notices } = await readCaptions({ path, choice: { allowEmpty: true } }, reading)
  const captions = new Map<string, FileCaption[]>()
  for (const entry of entries) {
    const id = idOf(entry)
    const caption = { caption: entry.caption, place: `${counts} ${entry.line}` }
    const known = captions.get(id)
    if (known) {
      known.push(caption)
    } else {
      captions.set(id, [caption])
    }
  }
  return { name: basename(path), captions, notices }
}

/** What is described: a clip, by the id that results know it by, or a part of one. */
const idOf = ({ clip, id = clip, start, end }: CaptionEntry): string =>
  start === undefined ? id : `${id} ${start}-${end} s`

/** All captions of each id, as the engine takes references. */
export const referencesOf = ({ captions }: CaptionFile): { id: string; captions: string[] }[] =>
  [...captions].map(([id, texts]) => ({ id, captions: texts.map(({ caption }) => caption) }))

/**
 * A system's captions, one for each id that the references name, under the references' names. Throws BAD_INPUT
 * where they differ.
 */
export function matchReferences(
  system: CaptionFile,
  references: CaptionFile,
): { id: string; caption: string }[] {
  const find = referenceFinder(references)
  const taken = new Set<string>()
  const captions = [...system.captions].map(([named, [caption, another]]) => {
    const id = find(named)
    if (caption === undefined || another !== undefined || (id !== null && taken.has(id))) {
      throw failures.severalCaptions({
        file: system.name,
        place: (another ?? caption)?.place ?? '',
        clip: named,
      })
    }
    if (id === null) {
      throw failures.noReference({
        file: system.name,
        place: caption.place,
        references: references.name,
        clip: named,
      })
    }
    taken.add(id)
    return { id, caption: caption.caption }
  })
  const missing = [...references.captions.keys()].filter((id) => !taken.has(id))
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

/** Finds the id of the references that a system's id means: itself, or a name of the same clip. */
function referenceFinder({ captions }: CaptionFile): (id: string) => string | null {
  const ids = [...captions.keys()]
  const index = nameIndex()
  ids.forEach((id, place) => {
    index.add({ name: id }, place)
  })
  return (id) => {
    if (captions.has(id)) {
      return id
    }
    const place = index.find(id)
    return typeof place === 'number' ? ids[place]! : null
  }
}

/** What people should hear of the scores of some files: each notice once. */
export function noticesOf(files: readonly CaptionFile[], tokenizer: string): string[] {
  const texts = files.flatMap(({ captions }) => [...captions.values()].flat().map(({ caption }) => caption))
  return [
    ...new Set(files.flatMap(({ notices }) => notices)),
    ...(tokenizer === 'whitespace' ? [] : divisionNotices(texts)),
  ]
}
