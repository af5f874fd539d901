/** A generated project and the program's services on it, as the window calls them. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { topicsRequest } from '#contract'
import type { Client } from '#contract'
import { compose } from '../../src-main/compose.ts'
import type { Application } from '../../src-main/compose.ts'
import { startNodeEngine } from '../../src-main/engine-host/process.ts'
import { createLocalClient } from '../../src-main/router.ts'
import type { OpenProject } from '../../src-main/store/index.ts'

const ENTRY = fileURLToPath(new URL('../../src-main/engine/main.ts', import.meta.url))

/** An application whose own files lie below `folder`, over an engine process of their own. */
export const startApplication = (folder: string): Application =>
  compose({
    home: join(folder, 'home'),
    startEngine: (settings) => startNodeEngine(ENTRY, settings),
    shell: 'command line',
  })

export const clientOf = (application: Application): Client => createLocalClient(application)

/** The name of a clip by its number: names are in the order of the numbers. */
export const clipName = (number: number): string => `video${String(number).padStart(6, '0')}`

/**
 * Topics as if they had been found, and taken over by an edit: `shares` of them by clip, [K], in the order of
 * the clips.
 */
export function addTopics(
  { store }: OpenProject,
  {
    topics,
    vocabulary,
    shares,
    tokens,
    sweeps,
  }: {
    topics: { label: string; words: { word: string; count: number }[] }[]
    vocabulary: { word: string; tokens: number; documents: number }[]
    shares: readonly Float64Array[]
    tokens: number
    sweeps: number
  },
): void {
  const clips = store.clips.all()
  store.transaction(() => {
    const added = store.topics.addRun({
      run: {
        origin: 'found',
        request: { ...topicsRequest.parse({}), k: topics.length },
        documents: clips.length,
        tokens,
        sweeps,
        seconds: 1,
        tokensPerSecond: tokens,
        npmi: 0.1,
        beta: 0.01,
        phrases: [],
        corpusState: store.clips.corpusState(),
      },
      vocabulary,
      topics: topics.map(({ label, words }) => ({
        label,
        labelled: false,
        npmi: 0.1,
        alpha: 0.1,
        words: words.map(({ word, count }) => ({ word, count, mark: null })),
      })),
      assignments: clips.map(({ id }, i) => ({ clipId: id, shares: shares[i]!, active: [] })),
    })
    store.edits.make(`find ${topics.length} topics`, {
      kind: 'all',
      changes: store.topics.takeover(added),
    })
  })
}
