/** The files that topics are exported as: one reading of the project, and what the engine adds to it. */
import type { TopicModel } from '../../../engine-host/contract/index.ts'
import type { JobContext } from '../../../jobs/index.ts'
import type { OpenProject } from '../../../store/index.ts'
import { documentsOf } from '../../topics/documents.ts'
import { topicModelIfAny, typicalAlpha } from '../../topics/model.ts'
import { createTopicMap, listTopics } from '../../topics/views.ts'
import { engineOptions } from '../../workspace.ts'
import type { Workspace } from '../../workspace.ts'
import type { OutFile } from '../files.ts'
import { foreignFiles } from './foreign.ts'
import { plainFiles, readTopics } from './plain.ts'
import { reportFile } from './report.ts'

/** All that such an export may hold. */
export const TOPIC_FILES = [
  'topics.csv',
  'topics.json',
  'assignments.csv',
  'vectors.csv',
  'vectors.npy',
  'vectors-ids.txt',
  'vectors-labels.txt',
  'doc-topics.txt',
  'topic-keys.txt',
  'pyldavis.json',
  'report.html',
]

export function createTopicFiles(
  workspace: Workspace,
): (project: OpenProject, context: JobContext) => Promise<OutFile[]> {
  const mapTopics = createTopicMap(workspace)
  return async ({ store, name }, context) => {
    const map = await mapTopics(context.signal)
    const topics = readTopics(store)
    const list = listTopics(store)
    const model = topicModelIfAny(store)
    if (model === null) {
      context.notice('No topic has words, so pyldavis.json is left out.')
    }
    const tokens = model === null ? new Map() : await countTokens(workspace, store, model, context)
    const typical = typicalAlpha(topics.current)
    const alpha = topics.current.map((topic) => topic.alpha ?? typical)
    return [
      ...plainFiles(topics),
      ...foreignFiles(topics, { model, alpha, tokens }),
      reportFile(name, list, map),
    ]
  }
}

/** How many tokens of the vocabulary each clip's captions have, by clip id. */
async function countTokens(
  workspace: Workspace,
  store: OpenProject['store'],
  model: TopicModel,
  context: JobContext,
): Promise<ReadonlyMap<number, number>> {
  const { assignments } = await workspace.engine.call(
    'topics.infer',
    {
      model,
      documents: documentsOf(store),
      // A single sweep: only the number of tokens is asked for.
      iterations: 1,
      seed: 1,
      topicsPerClip: 1,
      minShare: 0,
    },
    engineOptions(context),
  )
  return new Map(assignments.map(({ id, tokens }) => [id, tokens]))
}
