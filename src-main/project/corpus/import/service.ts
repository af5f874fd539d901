/** Imports: a preview, the import itself, and what became of the last ones. */
import { basename } from 'node:path'
import type { ImportReport } from '#contract'
import { resolvePath } from '../../../common/files/paths.ts'
import { parseColumns } from '../../../formats/captions/columns.ts'
import { checkCaptionFormat } from '../../../formats/captions/index.ts'
import type { JobContext } from '../../../jobs/index.ts'
import type { OpenProject } from '../../../store/index.ts'
import type { Service } from '../../service.ts'
import { reads } from '../../service.ts'
import { backUpBefore } from '../../backups.ts'
import type { Workspace } from '../../workspace.ts'
import { failures } from '../failures.ts'
import { applyImport, discardWaste } from './apply.ts'
import { createMediaReader } from './media.ts'
import { planImport } from './plan.ts'
import type { ImportPlan } from './plan.ts'
import type { Request } from './subjects.ts'

/** Imports that are listed, and videos in several splits. */
const LISTED_IMPORTS = 20
const LISTED_CONTENTS = 100

export function createImports(workspace: Workspace) {
  const media = createMediaReader(workspace.media)
  const plan = (project: OpenProject, request: Request, context: JobContext): Promise<ImportPlan> =>
    planImport(project, request, { media, captionWorker: workspace.captionWorker, context })

  return {
    previewImport(asWritten) {
      const request = withAbsolutePaths(asWritten)
      const title = checkedTitle(request)
      const project = workspace.project()
      const jobId = workspace.jobs.start(
        'preview',
        `Preview of ${title}`,
        { procedure: 'corpus.previewImport', input: request },
        async (context) => {
          const { report } = await plan(project, request, context)
          return { result: { kind: 'preview', report }, summary: `${report.sentence}.` }
        },
      )
      return { jobId }
    },

    import(asWritten, { who }) {
      const request = withAbsolutePaths(asWritten)
      const title = checkedTitle(request)
      const project = workspace.project()
      const jobId = workspace.jobs.start(
        'import',
        `Import ${title}`,
        { procedure: 'corpus.import', input: request },
        async (context) => {
          await discardWaste(project.store)
          const planned = await plan(project, request, context)
          if (planned.added.length + planned.changes.length > 0) {
            await backUpBefore(project, 'before-import', context)
          }
          await applyImport(workspace, { plan: planned, title, who, context })
          return outcomeOf(planned.report)
        },
      )
      return { jobId }
    },

    imports: reads(['clip'], () => {
      const { store } = workspace.project()
      return {
        imports: store.imports.list(LISTED_IMPORTS),
        sharedContent: store.clips.sharedContent(LISTED_CONTENTS),
      }
    }),
  } satisfies Partial<Service<'corpus'>>
}

/** An import that means the same from wherever it is started again. */
const withAbsolutePaths = ({ videos, captions, names, split, ...request }: Request): Request => ({
  ...request,
  names: names && resolvePath(names),
  videos: videos && resolvePath(videos),
  captions: captions && resolvePath(captions),
  split: typeof split === 'string' ? resolvePath(split) : split,
})

/** What an import is called: its files. Throws BAD_INPUT for an unknown format, and where there is nothing. */
function checkedTitle({ videos, captions, format, columns, split, resplit }: Request): string {
  checkCaptionFormat(format)
  if (columns !== null) {
    parseColumns(columns)
  }
  const files = [captions, videos].filter((path) => path !== null).map((path) => basename(path))
  if (files.length === 0 && !resplit) {
    throw failures.nothingToImport()
  }
  if (files.length > 0) {
    return files.join(' and ')
  }
  return typeof split === 'string' ? basename(split) : 'splits'
}

function outcomeOf(report: ImportReport) {
  const { added, known, captionsAdded, notices, sentence } = report
  return {
    result: { kind: 'import' as const, added, updated: known, captions: captionsAdded, report },
    summary: `${sentence}.`,
    notices,
  }
}
