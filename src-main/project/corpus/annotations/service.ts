/** Annotations taken in: verdicts, notes, tags, captions and corrections of people, from a file that an export wrote, or the archive of a project. */
import { basename } from 'node:path'
import type { AnnotationReport } from '#contract'
import { breather } from '../../../common/breather.ts'
import { resolvePath } from '../../../common/files/paths.ts'
import { count } from '../../../common/text.ts'
import type { JobContext, JobOutcome } from '../../../jobs/index.ts'
import type { OpenProject, SingleChange, Store, Table } from '../../../store/index.ts'
import type { Input, Service } from '../../service.ts'
import type { MakeEdit, Workspace } from '../../workspace.ts'
import { clipFinder } from '../clip-finder.ts'
import { unsayableWords } from './corrections.ts'
import { modelsByHash } from './neurons.ts'
import type { PlannedChange } from './places.ts'
import { planAnnotations } from './plan.ts'
import type { AnnotationPlan } from './plan.ts'
import { annotationReader } from './read.ts'
import type { ReadAnnotations } from './read.ts'

type Request = Input<'corpus', 'importAnnotations'>

/** How often it is planned while others edit. */
const ATTEMPTS = 3
/** What a plan rests on. */
const TABLES = [
  'caption',
  'caption_verdict',
  'clip',
  'clip_note',
  'clip_tag',
  'clip_verdict',
  'correction',
  'generated_caption',
  'import',
  'model',
  'neuron_verdict',
  'setting',
  'topic',
] as const satisfies readonly Table[]

export function createAnnotations(workspace: Workspace) {
  const read = annotationReader()

  async function readFile({ path }: Request, { signal, progress }: JobContext): Promise<ReadAnnotations> {
    progress({ phase: 'reading annotations', done: 0, total: null, unit: 'lines' })
    return read(path, signal)
  }

  /** What has to be asked of files and the engine before lines are compared. */
  async function knownHere(project: OpenProject, { lines }: ReadAnnotations, { signal }: JobContext) {
    return {
      find: await clipFinder(project, { mapping: null, breathe: breather(signal) }),
      unsayable: await unsayableWords(workspace, project, { lines, signal }),
      modelsByHash: await modelsByHash(project, lines),
    }
  }

  /** Plans line by line; others have their turn meanwhile. */
  async function plan(
    project: OpenProject,
    given: ReadAnnotations,
    { prefer, context }: { prefer: Request['prefer']; context: JobContext },
  ): Promise<AnnotationPlan> {
    const breathe = breather(context.signal)
    const known = await knownHere(project, given, context)
    const steps = planAnnotations(project.store, given, { ...known, prefer })
    for (;;) {
      const step = steps.next()
      if (step.done === true) {
        return step.value
      }
      context.progress({
        phase: 'comparing annotations',
        done: step.value,
        total: given.lines.length,
        unit: 'lines',
      })
      await breathe()
    }
  }

  /**
   * Makes the edit of a plan. Where somebody edited what it rests on meanwhile, it is planned again; where that happens
   * over and over, in the edit itself, in which nobody else has a turn.
   */
  async function takeIn(
    project: OpenProject,
    request: Request,
    { who, context }: { who: string; context: JobContext },
  ): Promise<AnnotationReport> {
    const given = await readFile(request, context)
    const { prefer } = request
    const make = (store: Store, edit: MakeEdit, { report, changes }: AnnotationPlan): AnnotationReport => {
      edit(
        `take in ${count(changes.length, 'annotation')} of ${basename(request.path)}`,
        settled(store, changes),
      )
      return report
    }
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const stamp = project.store.stamp(TABLES)
      const planned = await plan(project, given, { prefer, context })
      const report = workspace.edit(who, (store, edit) =>
        store.stamp(TABLES) === stamp ? make(store, edit, planned) : null,
      )
      if (report !== null) {
        return report
      }
    }
    const known = await knownHere(project, given, context)
    return workspace.edit(who, (store, edit) =>
      make(store, edit, finished(planAnnotations(store, given, { ...known, prefer }))),
    )
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
          const given = await readFile(request, context)
          const { report } = await plan(project, given, { prefer: request.prefer, context })
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

function finished(steps: Generator<number, AnnotationPlan>): AnnotationPlan {
  for (;;) {
    const step = steps.next()
    if (step.done === true) {
      return step.value
    }
  }
}

const withAbsolutePath = ({ path, prefer }: Request): Request => ({ path: resolvePath(path), prefer })

const settled = (store: Store, changes: readonly PlannedChange[]): SingleChange[] =>
  changes.map((change) => {
    switch (change.kind) {
      case 'caption.new':
        return { kind: 'caption', ...store.captions.typed(change.clipId, change.text, change.who, change.at) }
      case 'correction.new': {
        const { id } = store.corrections.add({ ...change.correction, neurons: [], leftOut: [] })
        return { kind: 'correction.state', correctionId: id, state: 'queued' }
      }
      default:
        return change
    }
  })

function sentenceOf({ added, known, conflictCount, unplacedCount }: AnnotationReport): string {
  const news = Object.values(added).reduce((sum, n) => sum + n, 0)
  return `Annotations: ${news} new, ${known} known, ${conflictCount} contradicted, ${unplacedCount} without a place.`
}
