/** Annotations taken in: verdicts, notes, tags and captions of people, from a file that an export wrote, or the archive of a project. */
import { basename } from 'node:path'
import type { AnnotationReport } from '#contract'
import { breather } from '../../../common/breather.ts'
import { resolvePath } from '../../../common/files/paths.ts'
import { count } from '../../../common/text.ts'
import type { JobContext, JobOutcome } from '../../../jobs/index.ts'
import type { OpenProject, SingleChange, Store, Table } from '../../../store/index.ts'
import type { Input, Service } from '../../service.ts'
import type { Workspace } from '../../workspace.ts'
import { clipFinder } from '../clip-finder.ts'
import { planAnnotations } from './plan.ts'
import type { AnnotationPlan, PlannedChange } from './plan.ts'
import { annotationReader } from './read.ts'

type Request = Input<'corpus', 'importAnnotations'>

/** What a plan rests on. */
const TABLES = [
  'caption',
  'caption_verdict',
  'clip',
  'clip_note',
  'clip_tag',
  'clip_verdict',
  'generated_caption',
  'import',
  'model',
  'topic',
] as const satisfies readonly Table[]

export function createAnnotations(workspace: Workspace) {
  const read = annotationReader()

  async function plan(
    project: OpenProject,
    { path, prefer }: Request,
    context: JobContext,
  ): Promise<AnnotationPlan> {
    context.progress({ phase: 'reading annotations', done: 0, total: null, unit: 'lines' })
    const lines = await read(path, context.signal)
    const breathe = breather(context.signal)
    const find = await clipFinder(project, { mapping: null, breathe })
    return planAnnotations(project.store, lines, {
      find,
      prefer,
      breathe,
      progress: (done) => {
        context.progress({ phase: 'comparing annotations', done, total: lines.length, unit: 'lines' })
      },
    })
  }

  /** Makes the edit of a plan; where somebody edited what it rests on meanwhile, it is planned again. */
  async function takeIn(
    project: OpenProject,
    request: Request,
    { who, context }: { who: string; context: JobContext },
  ): Promise<AnnotationReport> {
    for (;;) {
      const stamp = project.store.stamp(TABLES)
      const { report, changes } = await plan(project, request, context)
      const isMade = workspace.edit(who, (store, make) => {
        if (store.stamp(TABLES) !== stamp) {
          return false
        }
        const label = `take in ${count(changes.length, 'annotation')} of ${basename(request.path)}`
        make(label, settled(store, changes))
        return true
      })
      if (isMade) {
        return report
      }
    }
  }

  return {
    previewAnnotations(asWritten) {
      const request = withAbsolutePath(asWritten)
      const project = workspace.project()
      const jobId = workspace.jobs.start(
        'preview',
        `Preview of ${basename(request.path)}`,
        { procedure: 'corpus.previewAnnotations', input: request },
        async (context) => {
          const { report } = await plan(project, request, context)
          return { result: { kind: 'annotationPreview', report }, summary: sentenceOf(report) }
        },
      )
      return { jobId }
    },

    importAnnotations(asWritten, { who }) {
      const request = withAbsolutePath(asWritten)
      const project = workspace.project()
      const jobId = workspace.jobs.start(
        'import',
        `Take in annotations of ${basename(request.path)}`,
        { procedure: 'corpus.importAnnotations', input: request },
        async (context): Promise<JobOutcome> => {
          const report = await takeIn(project, request, { who, context })
          return { result: { kind: 'annotations', report }, summary: sentenceOf(report) }
        },
      )
      return { jobId }
    },
  } satisfies Partial<Service<'corpus'>>
}

const withAbsolutePath = ({ path, prefer }: Request): Request => ({ path: resolvePath(path), prefer })

const settled = (store: Store, changes: readonly PlannedChange[]): SingleChange[] =>
  changes.map((change) =>
    change.kind === 'caption.new'
      ? {
          kind: 'caption',
          ...store.captions.typed(change.clipId, change.text, change.who, change.at),
        }
      : change,
  )

function sentenceOf({ added, known, conflictCount, unplacedCount }: AnnotationReport): string {
  const news = Object.values(added).reduce((sum, n) => sum + n, 0)
  return `Annotations: ${news} new, ${known} known, ${conflictCount} contradicted, ${unplacedCount} without a place.`
}
