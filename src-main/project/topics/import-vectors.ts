/**
 * Someone's own topic vectors in place of the project's topics. Vectors of 0 and 1 stay exactly so: each
 * topic that a clip bears has the same share of it, and the rule is set to let in as many as any clip bears,
 * however small their shares.
 */
import { basename } from 'node:path'
import { topicsRequest, VitrineError } from '#contract'
import type { TopicRule } from '#contract'
import type { EngineResult } from '../../engine-host/contract/index.ts'
import type { JobContext } from '../../jobs/index.ts'
import type { NewRun, OpenProject } from '../../store/index.ts'
import { badLine } from '../corpus/captions-file.ts'
import { clipFinder, withoutExtension } from '../corpus/clips.ts'
import { documents } from './extraction.ts'
import { readVectors } from './vectors-file.ts'
import type { VectorFile } from './vectors-file.ts'
import { count } from '../../common/text.ts'
import { forward } from '../workspace.ts'
import type { MakeEdit, Workspace } from '../workspace.ts'
import type { Service } from '../service.ts'

type Store = OpenProject['store']

export function createVectorImport(workspace: Workspace) {
  return {
    /**
     * Reads the vectors and puts their topics in the place of the current ones, with words by which their
     * clips' captions differ from the others'. One edit. The job fails with BAD_INPUT for anything wrong in
     * the files, and writes nothing then.
     */
    importVectors(request, { who }) {
      const { store } = workspace.project()
      const jobId = workspace.jobs.start(
        'topics',
        `Import ${basename(request.path)}`,
        request,
        async (context) => {
          context.progress({ phase: 'reading vectors', done: 0, total: null, unit: 'clips' })
          const file = await readVectors(request, context.signal)
          const clipIds = clipsOf(store, file, basename(request.path))
          const { assignments, rule } = assign(file, clipIds, store.settings.get('topicRule'))
          const described = await describe(workspace, store, file, assignments, context)
          workspace.edit(who, (_, make) => {
            takeOver({ store, make, described, assignments, rule, file: basename(request.path) })
          })
          const left = store.clips.count() - assignments.length
          if (left > 0) {
            context.notice(
              `${count(left, 'clip')} of the project ${left === 1 ? 'is' : 'are'} not in ${basename(request.path)} and ${left === 1 ? 'bears' : 'bear'} no topic.`,
            )
          }
          return {
            result: { kind: 'topics', topics: described.topics.length },
            summary: `${count(described.topics.length, 'topic')} of ${count(assignments.length, 'clip')} imported.`,
          }
        },
      )
      return { jobId }
    },
  } satisfies Partial<Service<'topics'>>
}

/**
 * The clip of each row. Throws BAD_INPUT for a clip that the project lacks, one that is named twice, and a
 * wrong number of rows.
 */
function clipsOf(store: Store, { ids, rows }: VectorFile, file: string): number[] {
  const clips = store.clips.all()
  if (ids === null) {
    if (rows !== clips.length) {
      throw new VitrineError(
        'BAD_INPUT',
        `${file} has ${rows} rows, but the project has ${count(clips.length, 'clip')}.`,
        'Name the clips of its rows in a file of ids.',
      )
    }
    return clips.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ id }) => id)
  }
  const find = clipFinder(clips.map(({ name, path }) => ({ name, path: path ?? name })))
  const lines = new Map<number, number>()
  return ids.map(({ id, line, file: named }) => {
    // A clip without a media file is found by the name that its video would have, too.
    const place = find(id) ?? find(withoutExtension(id))
    if (place === 'ambiguous') {
      throw badLine(named, line, `"${id}" may mean several clips`, "Write the clip's name in full.")
    }
    const clip = place === null ? undefined : clips[place]
    if (clip === undefined) {
      throw badLine(
        named,
        line,
        `the project has no clip called "${id}"`,
        'Leave the row out, or import the clip first.',
      )
    }
    const before = lines.get(clip.id)
    if (before !== undefined) {
      throw badLine(named, line, `the clip "${id}" is in line ${before} already`)
    }
    lines.set(clip.id, line)
    return clip.id
  })
}

/**
 * Shares of clips, and the rule that makes of them the vectors that were given; of shares it is the rule that
 * there is.
 */
function assign(
  { values, labels }: VectorFile,
  clipIds: readonly number[],
  before: TopicRule,
): { assignments: NewRun['assignments']; rule: TopicRule } {
  const k = labels.length
  const isBinary = values.every((value) => value === 0 || value === 1)
  let most = 1
  const assignments = clipIds.map((clipId, row) => {
    const own = values.subarray(row * k, (row + 1) * k)
    const active = [...own.keys()].filter((column) => own[column]! > 0)
    most = Math.max(most, active.length)
    return {
      clipId,
      shares: isBinary ? own.map((value) => value / Math.max(1, active.length)) : own,
      active: isBinary ? active : [],
    }
  })
  return { assignments, rule: isBinary ? { topicsPerClip: most, minShare: 0 } : before }
}

/**
 * Labels and words of the topics. Without captions, or words to tell them apart by, they have none: that is a
 * notice.
 */
async function describe(
  workspace: Workspace,
  store: Store,
  { labels }: VectorFile,
  assignments: NewRun['assignments'],
  context: JobContext,
) {
  const { k: _k, topics: _topics, ...settings } = store.topics.run()?.request ?? topicsRequest.parse({})
  const request = { ...settings, k: labels.length, topics: [] }
  const wordless = (): EngineResult<'topics.describe'> => ({
    vocabulary: [],
    phrases: [],
    tokens: 0,
    topics: labels.map((label, column) => ({ label: label ?? `topic ${column + 1}`, npmi: null, words: [] })),
  })
  const told = async (): Promise<EngineResult<'topics.describe'>> => {
    const captioned = documents(store)
    if (captioned.length === 0) {
      context.notice('The clips have no captions, so the topics have no words.')
      return wordless()
    }
    try {
      const { builtInStopWords, stopWords, lemmas, minDocumentFrequency, maxDocumentShare, phraseScore } =
        request
      return await workspace.engine.call(
        'topics.describe',
        {
          builtInStopWords,
          stopWords,
          lemmas,
          minDocumentFrequency,
          maxDocumentShare,
          phraseScore,
          documents: captioned,
          topics: labels.map((label, column) => ({
            label,
            clipIds: assignments.filter(({ shares }) => shares[column]! > 0).map(({ clipId }) => clipId),
          })),
        },
        forward(context),
      )
    } catch (error) {
      if (!(error instanceof VitrineError && error.code === 'BAD_INPUT')) {
        throw error
      }
      context.notice(`The topics have no words. ${error.message}`)
      return wordless()
    }
  }
  return { request, labelled: labels.map((label) => label !== null), ...(await told()) }
}

/** Puts the topics in the place of the current ones, as one edit. Call it in a transaction. */
function takeOver({
  store,
  make,
  described,
  assignments,
  rule,
  file,
}: {
  store: Store
  make: MakeEdit
  described: Awaited<ReturnType<typeof describe>>
  assignments: NewRun['assignments']
  rule: TopicRule
  file: string
}): void {
  const { request, labelled, vocabulary, phrases, tokens, topics } = described
  const added = store.topics.addRun({
    run: {
      origin: 'imported',
      request: { ...request, ...rule },
      documents: assignments.length,
      tokens,
      sweeps: 0,
      seconds: 0,
      tokensPerSecond: 0,
      npmi: mean(topics.map(({ npmi }) => npmi)),
      beta: store.topics.run()?.beta ?? 0.01,
      phrases,
    },
    vocabulary,
    topics: topics.map(({ label, npmi, words }, column) => ({
      label,
      labelled: labelled[column]!,
      npmi,
      alpha: null,
      words: words.map((word) => ({ ...word, mark: null })),
    })),
    assignments,
  })
  make(`import ${count(topics.length, 'topic')} from ${file}`, [
    ...store.topics.takeover(added),
    { kind: 'topic.rule', rule },
  ])
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}
