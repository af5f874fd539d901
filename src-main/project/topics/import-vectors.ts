/**
 * Someone's own topic vectors in place of the project's topics. Vectors of 0 and 1 stay exactly so: each
 * topic that a clip bears has the same share of it, and the rule is set to let in as many as any clip bears,
 * however small their shares.
 */
import { basename, resolve } from 'node:path'
import type * as z from 'zod'
import { topicsRequest } from '#contract'
import type { importVectorsRequest, TopicRule } from '#contract'
import { VitrineError } from '../../common/failures.ts'
import { withoutExtension } from '../../common/files/paths.ts'
import { count } from '../../common/text.ts'
import type { EngineResult } from '../../engine-host/contract/index.ts'
import { nameFinder } from '../../formats/captions/clip-names.ts'
import type { JobContext, JobOutcome } from '../../jobs/index.ts'
import type { NewRun, OpenProject } from '../../store/index.ts'
import type { Service } from '../service.ts'
import { engineOptions } from '../workspace.ts'
import type { MakeEdit, Workspace } from '../workspace.ts'
import { documentsOf } from './documents.ts'
import { failures } from './failures.ts'
import { readVectors } from './vectors-file.ts'
import type { VectorFile } from './vectors-file.ts'

type Store = OpenProject['store']
type Assignments = NewRun['assignments']

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
        { procedure: 'topics.importVectors', input: withAbsolutePaths(request) },
        (context) => importVectors(workspace, store, { request, who, context }),
      )
      return { jobId }
    },
  } satisfies Partial<Service<'topics'>>
}

/** An import that means the same from wherever it is started again. */
const withAbsolutePaths = ({ path, ids, labels }: z.output<typeof importVectorsRequest>) => ({
  path: resolve(path),
  ids: ids === null ? null : resolve(ids),
  labels: labels === null ? null : resolve(labels),
})

async function importVectors(
  workspace: Workspace,
  store: Store,
  {
    request,
    who,
    context,
  }: { request: z.output<typeof importVectorsRequest>; who: string; context: JobContext },
): Promise<JobOutcome> {
  const file = basename(request.path)
  context.progress({ phase: 'reading vectors', done: 0, total: null, unit: 'clips' })
  const vectors = await readVectors(request, context.signal)
  const clipIds = clipsOf(store, vectors, file)
  const { assignments, rule } = assignTopics(vectors, clipIds, store.settings.get('topicRule'))
  const described = await describeTopics(workspace, store, { vectors, assignments, context })
  workspace.edit(who, (_, make) => {
    takeOver({ store, make, described, assignments, rule, file })
  })
  const left = store.clips.count() - assignments.length
  if (left > 0) {
    context.notice(
      `${count(left, 'clip')} of the project ${left === 1 ? 'is' : 'are'} not in ${file} and ${left === 1 ? 'bears' : 'bear'} no topic.`,
    )
  }
  return {
    result: { kind: 'topics', topics: described.topics.length },
    summary: `${count(described.topics.length, 'topic')} of ${count(assignments.length, 'clip')} imported.`,
  }
}

/**
 * The clip of each row. Throws BAD_INPUT for a clip that the project lacks, one that is named twice, and a
 * wrong number of rows.
 */
function clipsOf(store: Store, { ids, rows }: VectorFile, file: string): number[] {
  const clips = store.clips.all()
  if (ids === null) {
    if (rows !== clips.length) {
      throw failures.rowCount({ file, rows, clips: clips.length })
    }
    return clips.sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ id }) => id)
  }
  const find = nameFinder(clips.map(({ name, path }) => ({ name, path: path ?? name })))
  const lines = new Map<number, number>()
  return ids.map(({ id, ...at }) => {
    // A clip without a media file is found by the name that its video would have, too.
    const place = find(id) ?? find(withoutExtension(id))
    if (place === 'ambiguous') {
      throw failures.clipAmbiguous({ ...at, clip: id })
    }
    const clip = place === null ? undefined : clips[place]
    if (clip === undefined) {
      throw failures.clipUnknown({ ...at, clip: id })
    }
    const earlier = lines.get(clip.id)
    if (earlier !== undefined) {
      throw failures.clipTwice({ ...at, clip: id, earlier })
    }
    lines.set(clip.id, at.line)
    return clip.id
  })
}

/**
 * Shares of clips, and the rule that makes of them the vectors that were given; of shares it is the project's
 * rule as it is.
 */
function assignTopics(
  { values, labels }: VectorFile,
  clipIds: readonly number[],
  projectRule: TopicRule,
): { assignments: Assignments; rule: TopicRule } {
  const k = labels.length
  const isBinary = values.every((value) => value === 0 || value === 1)
  let topicsPerClip = 1
  const assignments = clipIds.map((clipId, row) => {
    const vector = values.subarray(row * k, (row + 1) * k)
    const borne = [...vector.keys()].filter((column) => vector[column]! > 0)
    topicsPerClip = Math.max(topicsPerClip, borne.length)
    return {
      clipId,
      shares: isBinary ? vector.map((value) => value / Math.max(1, borne.length)) : vector,
      active: isBinary ? borne : [],
    }
  })
  return { assignments, rule: isBinary ? { topicsPerClip, minShare: 0 } : projectRule }
}

type Description = EngineResult<'topics.describe'>

/** How the imported topics are read, and what is said of them. */
type DescribedTopics = Description & { request: NewRun['run']['request']; labelled: boolean[] }

/**
 * Labels and words of the topics, from the captions of training clips. Without any, or words to tell topics
 * apart by, they have none: that is a notice.
 */
async function describeTopics(
  workspace: Workspace,
  store: Store,
  {
    vectors: { labels },
    assignments,
    context,
  }: { vectors: VectorFile; assignments: Assignments; context: JobContext },
): Promise<DescribedTopics> {
  const settings = store.topics.run()?.request ?? topicsRequest.parse({})
  const request = { ...settings, from: 'train' as const, k: labels.length, topics: [] }
  const description = await describeFromCaptions(workspace, store, { request, labels, assignments, context })
  return {
    ...(description ?? withoutWords(labels)),
    request,
    labelled: labels.map((label) => label !== null),
  }
}

/** Null, with a notice, where captions tell nothing. */
async function describeFromCaptions(
  workspace: Workspace,
  store: Store,
  {
    request,
    labels,
    assignments,
    context,
  }: {
    request: NewRun['run']['request']
    labels: VectorFile['labels']
    assignments: Assignments
    context: JobContext
  },
): Promise<Description | null> {
  const captioned = documentsOf(store, 'train')
  if (captioned.length === 0) {
    context.notice('No clip of the training split has captions, so the topics have no words.')
    return null
  }
  const { builtInStopWords, stopWords, lemmas, minDocumentFrequency, maxDocumentShare, phraseScore } = request
  try {
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
      engineOptions(context),
    )
  } catch (error) {
    if (!(error instanceof VitrineError && error.code === 'BAD_INPUT')) {
      throw error
    }
    context.notice(`The topics have no words. ${error.message}`)
    return null
  }
}

const withoutWords = (labels: VectorFile['labels']): Description => ({
  vocabulary: [],
  phrases: [],
  tokens: 0,
  topics: labels.map((label, column) => ({ label: label ?? `topic ${column + 1}`, npmi: null, words: [] })),
})

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
  described: DescribedTopics
  assignments: Assignments
  rule: TopicRule
  file: string
}): void {
  const { request, labelled, vocabulary, phrases, tokens, topics } = described
  const added = store.topics.addRun({
    run: {
      origin: 'imported',
      corpusState: store.clips.corpusState(),
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
