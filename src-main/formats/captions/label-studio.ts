/**
 * Label Studio's exports of tasks with a text area: JSON, whose annotations hold results, and JSON-MIN, an
 * object a task. Annotations that people skipped count for nothing, and what a model proposed neither.
 */
import { rolesOf, valueOf } from './columns.ts'
import type { CaptionDocument, CaptionEntry, CaptionFormat } from './format.ts'
import { captionFacts, entriesOf, wordOf } from './records.ts'
import { isObject, objectsOf } from './values.ts'

export const labelStudio: CaptionFormat = {
  name: 'label-studio',
  title: 'Label Studio (JSON, JSON-MIN)',
  accepts: "Label Studio's JSON and JSON-MIN with a text area",
  follows: "Label Studio's guides to its task format and its export formats",
  extensions: [],
  counts: 'task',
  structure: 'json',
  recognises: ({ json }) => {
    const first = objectsOf(json)?.[0]
    return first !== undefined && (isTask(first) || isShort(first))
  },
  parse,
}

const isTask = (task: Readonly<Record<string, unknown>>): boolean =>
  isObject(task['data']) && Array.isArray(task['annotations'])

/** JSON-MIN: the annotation's own columns beside those of the task. */
const isShort = (task: Readonly<Record<string, unknown>>): boolean =>
  'annotation_id' in task && 'annotator' in task

function parse({ file, json }: CaptionDocument): CaptionEntry[] {
  return (objectsOf(json) ?? []).flatMap((task, place) => {
    const at = { file, counts: labelStudio.counts, line: place + 1 }
    return isTask(task) ? taskEntries(task, at) : shortEntries(task, at)
  })
}

interface TaskPlace {
  file: string
  counts: string
  line: number
}

function shortEntries(task: Readonly<Record<string, unknown>>, at: TaskPlace): CaptionEntry[] {
  return entriesOf({ ...rolesOf(task, {}), clip: mediaOf(task) }, at)
}

function taskEntries(task: Readonly<Record<string, unknown>>, at: TaskPlace): CaptionEntry[] {
  const fields = task['data'] as Record<string, unknown>
  const clip = mediaOf(fields)
  return (objectsOf(task['annotations']) ?? [])
    .filter((annotation) => annotation['was_cancelled'] !== true)
    .flatMap((annotation) => {
      const author = authorOf(annotation['completed_by'])
      return (objectsOf(annotation['result']) ?? []).flatMap((result) => {
        const value = isObject(result['value']) ? result['value'] : {}
        const { text: caption, start, end } = value
        return caption === undefined || result['type'] !== 'textarea'
          ? []
          : entriesOf({ clip, caption, author, start, end, split: fields['split'], ...metaOf(result) }, at)
      })
    })
}

/** The clip's name, or the path of its video or picture; of a served one without what the server puts before it. */
function mediaOf(task: Readonly<Record<string, unknown>>): string | undefined {
  const name = wordOf(task['clip_name'])
  const media =
    wordOf(task['video']) ??
    wordOf(task['image']) ??
    wordOf(task['video_url']) ??
    wordOf(valueOf(task, 'clip', {}))
  return name ?? media?.replace(/^\/data\/local-files\/\?d=/, '').replace(/\?.*$/, '')
}

/** What an export of ours has put beside a result: who wrote it is not who has an account there. */
function metaOf({ meta }: Readonly<Record<string, unknown>>): ReturnType<typeof captionFacts> {
  const facts = isObject(meta) ? captionFacts(meta) : {}
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
}

/** A number, or the person with an address. */
const authorOf = (person: unknown): string | undefined =>
  isObject(person) ? (wordOf(person['email']) ?? wordOf(person['id'])) : wordOf(person)
