import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterAll, onTestFinished } from 'vitest'
import { topicsRequest } from '#contract'
import { applyChange } from '../../src-main/store/project/changes.ts'
import { EVERY_CLIP } from '../../src-main/store/corpus/conditions.ts'
import { createProject, NO_MEDIA, NO_ORIGIN } from '../../src-main/store/index.ts'
import type { ImportedCaption, ImportedClip, NewRun, OpenProject } from '../../src-main/store/index.ts'
import { migrate, MIGRATIONS } from '../../src-main/store/migrate.ts'

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A folder that is gone after all tests of the file; for `beforeAll`. */
export function foreverFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vitrine-test-'))
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

/** An empty project, closed and gone after the test. */
export async function temporaryProject(): Promise<OpenProject> {
  const project = await createProject(join(temporaryFolder(), 'test.vitrine'))
  onTestFinished(() => project.close())
  return project
}

/** A database of version 1 with rows in many tables. */
export function foreignDatabase(): Sqlite.Database {
  const db = new Sqlite(':memory:')
  migrate(db, () => {}, MIGRATIONS.slice(0, 1))
  db.exec(readFileSync(join(import.meta.dirname, 'version-1.sql'), 'utf8'))
  return db
}

/** A caption as a file has it that says nothing more of it. */
export const line = (text: string): ImportedCaption => ({ text, origin: NO_ORIGIN })

/** A list of the clips that a search finds, by name. */
export const foundBy = (search: string, split: 'train' | 'val' | 'test' | null = null) => ({
  question: { ...EVERY_CLIP, search, split },
  removed: false,
  order: 'name' as const,
  descending: false,
  offset: 0,
  limit: 100,
  featureKey: null,
})

/** A clip with captions and whatever else matters to the test. */
export function clip(name: string, captions: string[], more: Partial<ImportedClip> = {}): ImportedClip {
  return {
    name,
    captions: captions.map(line),
    split: 'train',
    ...NO_MEDIA,
    ...more,
  }
}

/**
 * Finds topics: a run whose clips have the given shares, in place of the topics that there are (as no edit).
 * Each topic has ten tokens of its own name. Returns the topics' ids.
 */
export function findTopics(
  { store }: Pick<OpenProject, 'store'>,
  labels: string[],
  shares: { clipId: number; shares: number[] }[],
): number[] {
  return store.transaction(() => {
    const added = store.topics.addRun(foundTopics(labels, shares))
    applyChange(store, { kind: 'all', changes: store.topics.takeover(added) })
    return added.topicIds
  })
}

/** The run of `findTopics`. */
export const foundTopics = (labels: string[], shares: { clipId: number; shares: number[] }[]): NewRun => ({
  run: {
    origin: 'found',
    request: { ...topicsRequest.parse({}), k: labels.length },
    beta: 0.01,
    phrases: [],
    documents: shares.length,
    tokens: 10 * labels.length,
    sweeps: 1,
    seconds: 1,
    tokensPerSecond: 1,
    npmi: null,
    corpusState: { lastClip: null, lastChange: 0 },
  },
  vocabulary: labels.map((word) => ({ word, tokens: 10, documents: 1 })),
  topics: labels.map((label) => ({
    label,
    labelled: false,
    npmi: null,
    alpha: 0.1,
    words: [{ word: label, count: 10, mark: null }],
  })),
  assignments: shares.map((clip) => ({ ...clip, active: [] })),
})
