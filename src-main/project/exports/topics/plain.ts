/**
 * Topics as plain files. All of them are written from one reading of the project, so that they agree with one
 * another whatever is edited meanwhile. Clips come by id, columns are the current topics by id.
 */
import type { TopicRule } from '#contract'
import { encodeNpy } from '../../../formats/npy.ts'
import { csv } from '../../../formats/text/csv.ts'
import type { Cell } from '../../../formats/text/csv.ts'
import type { OpenProject, TopicRecord, TopicRun, WordCount } from '../../../store/index.ts'
import { failures } from '../failures.ts'
import { json } from '../files.ts'
import type { OutFile } from '../files.ts'

type Store = OpenProject['store']

/** Words of a topic in topics.csv. */
const LISTED_WORDS = 20

/** What a clip has of the topics: `column` is the topic's place among the current ones. */
export interface ClipEntry {
  column: number
  share: number
  active: boolean
  source: 'lda' | 'curator'
}

interface ExportedTopic extends TopicRecord {
  /** By falling count; a forbidden word keeps its mark, and has p 0. */
  words: (WordCount & { p: number })[]
  /** Clips that bear it. */
  clips: number
  /** Topics that were merged into it. */
  merged: { id: number; label: string }[]
}

export interface TopicExport {
  run: TopicRun | null
  rule: TopicRule
  /** Active, hidden and junk ones. */
  listed: ExportedTopic[]
  /** Active and hidden ones: the columns. */
  current: ExportedTopic[]
  past: { id: number; label: string; state: string; mergedInto: number | null }[]
  clips: { id: number; name: string; entries: ClipEntry[] }[]
}

/** Reads everything in one go. Throws NOT_READY without topics. */
export function readTopics(store: Store): TopicExport {
  return store.transaction(() => {
    const { topics } = store
    const records = topics.inStates(['active', 'hidden', 'junk'])
    if (records.length === 0) {
      throw failures.noTopics()
    }
    const totals = topics.totals(records.map(({ id }) => id))
    const probabilityOf = topics.probability()
    const counts = topics.clipCounts()
    const listed = records.map((topic): ExportedTopic => ({
      ...topic,
      clips: counts.get(topic.id) ?? 0,
      merged: topics.mergedInto(topic.id),
      words: topics.words(topic.id).map((word) => ({
        ...word,
        p:
          word.mark === 'forbidden' || word.count === 0
            ? 0
            : probabilityOf(word.count, totals.get(topic.id) ?? { tokens: 0, words: 0 }),
      })),
    }))
    const current = listed.filter(({ state }) => state !== 'junk')
    const columns = new Map(current.map(({ id }, column) => [id, column]))
    const known = new Set(listed.map(({ id }) => id))
    return {
      run: topics.run(),
      rule: store.settings.get('topicRule'),
      listed,
      current,
      past: [...topics.states()].filter(([id]) => !known.has(id)).map(([id, state]) => ({ id, ...state })),
      clips: store.clips.all().map(({ id, name }) => ({
        id,
        name,
        entries: topics.ofClip(id).map(({ topicId, share, active, source }) => ({
          column: columns.get(topicId)!,
          share,
          active,
          source,
        })),
      })),
    }
  })
}

/**
 * topics.csv, topics.json, assignments.csv, and the topic vectors as CSV and as a NumPy array with its ids
 * and labels.
 */
export function plainFiles(topics: TopicExport): OutFile[] {
  const { listed, current, clips } = topics
  return [
    {
      name: 'topics.csv',
      pieces: csv(
        ['id', 'label', 'labelled', 'state', 'description', 'words', 'npmi', 'clips'],
        listed.map((topic) => [
          topic.id,
          topic.label,
          Number(topic.labelled),
          topic.state,
          topic.description,
          listedWords(topic),
          topic.npmi,
          topic.clips,
        ]),
      ),
    },
    { name: 'topics.json', pieces: topicsJson(topics) },
    {
      name: 'assignments.csv',
      pieces: csv(['video', 'topic', 'label', 'share', 'active', 'source'], assignmentRows(topics)),
    },
    {
      name: 'vectors.csv',
      pieces: csv(['id', ...current.map(({ label }) => label)], vectorRows(topics)),
    },
    { name: 'vectors.npy', pieces: vectorArray(clips, current.length) },
    { name: 'vectors-ids.txt', pieces: lines(clips.map(({ name }) => name)) },
    { name: 'vectors-labels.txt', pieces: lines(current.map(({ label }) => label)) },
  ]
}

const listedWords = ({ words }: ExportedTopic): string =>
  words
    .filter(({ p }) => p > 0)
    .slice(0, LISTED_WORDS)
    .map(({ word, p }) => `${word}:${rounded(p)}`)
    .join(' ')

function* assignmentRows({ clips, current }: TopicExport): Generator<Cell[]> {
  for (const { name, entries } of clips) {
    for (const { column, share, active, source } of entries) {
      const { id, label } = current[column]!
      yield [name, id, label, share, Number(active), source]
    }
  }
}

function* vectorRows({ clips, current }: TopicExport): Generator<Cell[]> {
  for (const { name, entries } of clips) {
    yield [name, ...vectorOf(entries, current.length)]
  }
}

/** Six significant digits. */
export const rounded = (value: number): number => Number(value.toPrecision(6))

/** A name or label as it fits on one line, without the tab that parts columns. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ')

function* lines(texts: Iterable<string>): Generator<string> {
  for (const text of texts) {
    yield `${oneLine(text)}\n`
  }
}

function vectorOf(entries: readonly ClipEntry[], k: number): Uint8Array {
  const vector = new Uint8Array(k)
  for (const { column, active } of entries) {
    if (active) {
      vector[column] = 1
    }
  }
  return vector
}

function* vectorArray(clips: TopicExport['clips'], k: number): Generator<Uint8Array> {
  const array = new Uint8Array(clips.length * k)
  clips.forEach(({ entries }, row) => {
    array.set(vectorOf(entries, k), row * k)
  })
  yield encodeNpy([clips.length, k], array)
}

/** One document, a topic at a time. */
function* topicsJson({ run: stored, rule, listed, past }: TopicExport): Generator<string> {
  // Ids of the project's rows mean nothing elsewhere.
  const run = stored && { ...stored, corpusState: undefined }
  yield `{\n"run": ${JSON.stringify(run)},\n"rule": ${JSON.stringify(rule)},\n"topics": [`
  let first = true
  for (const { mergedInto: _, ...topic } of listed) {
    yield `${first ? '' : ','}\n${JSON.stringify(topic)}`
    first = false
  }
  yield `\n],\n"past": ${json(past).trimEnd()}\n}\n`
}
