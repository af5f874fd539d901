/** The files that topics are exported as: one reading of the project, and what the engine adds to it. */
import type { JobContext } from '../../jobs/index.ts'
import type { OpenProject } from '../../store/index.ts'
import type { OutFile } from './topics/files.ts'
import { foreignFiles } from './topics/foreign.ts'
import { reportFile } from './topics/report.ts'
import { plainFiles, readTopics } from './topics/topics.ts'
import { topicModelIfAny, typicalAlpha } from '../topics/model.ts'
import { createTopicMap, listTopics } from '../topics/views.ts'
import { documents } from '../topics/extraction.ts'
import { forward } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'

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
    // A single sweep: only how many tokens the clips have is asked for.
    const lengths =
      model === null
        ? []
        : (
            await workspace.engine.call(
              'topics.infer',
              {
                model,
                documents: documents(store),
                iterations: 1,
                seed: 1,
                topicsPerClip: 1,
                minShare: 0,
              },
              forward(context),
            )
          ).assignments
    const typical = typicalAlpha(topics.current)
    return [
      ...plainFiles(topics),
      ...foreignFiles(topics, {
        model,
        alpha: topics.current.map(({ alpha }) => alpha ?? typical),
        tokens: new Map(lengths.map(({ id, tokens }) => [id, tokens])),
      }),
      reportFile(name, list, map),
    ]
  }
}
