/**
 * Exports: a folder of plain files that appears whole, and never in the place of files that an export did not
 * write.
 */
import { readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { captionExportFormat } from '#contract'
import type { ExportResult } from '#contract'
import { systemCode, throwFileError } from '../../common/files/file-errors.ts'
import { count } from '../../common/text.ts'
import { replaceFolderAtomic } from '../../formats/atomic.ts'
import { CAPTION_WRITERS, writerTitle } from '../../formats/captions/writers/index.ts'
import { makeFolder } from '../../formats/files.ts'
import type { JobContext, JobOutcome } from '../../jobs/index.ts'
import type { OpenProject } from '../../store/index.ts'
import { reads } from '../service.ts'
import type { CallContext, Input, Service } from '../service.ts'
import { requireSpace } from '../space.ts'
import { countFromAllClips, describeFromAllClips } from '../topics/staleness.ts'
import { engineOptions, modelFolder, usableCaptioner, usableModel } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { annotationFiles } from './annotations.ts'
import { captionFiles } from './captions.ts'
import { classesFile, classifierOf } from './classes.ts'
import { failures } from './failures.ts'
import { frameEncoderOf, LEFT_OUT } from './frame-encoder.ts'
import { json, writeOut } from './files.ts'
import type { OutFile } from './files.ts'
import { humanCaptionFiles } from './human-captions.ts'
import { modelCard } from './model-card.ts'
import { modelTopics } from './model-topics.ts'
import { neuronFiles } from './neurons.ts'
import { placeToWrite } from '../place.ts'
import { REPORT_FILES, reportFiles } from './report/report.ts'
import type { ReportSource } from './report/source.ts'
import { createTopicFiles, TOPIC_FILES } from './topics/topic-files.ts'

type Request = Input<'exports', 'run'>
/** Bytes of an exported model for each of its parameters file, at most: the networks beside the frame encoder's. */
const EXPORT_GROWTH = 5

/** Files that are listed of the last export: of subtitles there is one a clip. */
const REMEMBERED = 1000

type WrittenFiles = ExportResult['files']

/** Files that not every export of a kind has. */
const POSSIBLE_FILES: Partial<Record<Request['what'], readonly string[]>> = {
  topics: TOPIC_FILES,
  model: [
    'frames.onnx',
    'memory.onnx',
    'gates.json',
    'neurons.json',
    'neurons.csv',
    'classes.onnx',
    'classes.json',
    'classes.safetensors',
  ],
  report: REPORT_FILES,
}

/** The page that some exports have. */
const PAGE = 'report.html'

/** `reported`: what a report asks, and the versions that it names. */
export function createExports(workspace: Workspace, reported: Pick<ReportSource, 'queries' | 'versions'>) {
  const topicFiles = createTopicFiles(workspace)
  /** The page that was written last since the program began. What a project says of others is not to be opened. */
  let page: string | null = null

  const exportTo = async (
    to: string,
    project: OpenProject,
    request: Request,
    context: JobContext & Pick<CallContext, 'who'>,
  ): Promise<JobOutcome> => {
    await makeFolder(dirname(to))
    noticeTopicsFromAllClips(project, request, context)
    let files: WrittenFiles = []
    await replaceFolderAtomic(to, async (folder) => {
      files = await writeInto(folder, project, request, context)
      // What an export leaves out, an earlier one may have: topics without words, a model without gates.
      const possible = POSSIBLE_FILES[request.what] ?? []
      await refuseForeignFiles(to, [...files.map(({ name }) => name), ...possible])
    })
    page = files.some(({ name }) => name === PAGE) ? join(to, PAGE) : null
    project.store.settings.set('lastExport', { to, files: files.slice(0, REMEMBERED) })
    return {
      result: { kind: 'export', to, files: files.length },
      summary: `${count(files.length, 'file')} in ${to}.`,
    }
  }

  /** Writes the files of a request into a new folder. */
  const writeInto = async (
    folder: string,
    project: OpenProject,
    { what, modelId, format, sections }: Request,
    context: JobContext & Pick<CallContext, 'who'>,
  ): Promise<WrittenFiles> => {
    switch (what) {
      case 'model':
        return writeModel(project, modelId, folder, context)
      case 'captions':
        return writeFiles(captionFiles(project, modelId), folder, context)
      case 'human-captions':
        return writeFiles(humanCaptionFiles(project, format, context), folder, context)
      case 'annotations':
        return writeFiles(await annotationFiles(project), folder, context)
      case 'topics':
        return writeFiles(await topicFiles(project, context), folder, context)
      case 'neurons':
        return writeFiles(neuronFiles(project, modelId), folder, context)
      case 'report':
        return writeFiles(
          await reportFiles({ ...reported, project, call: context }, sections, context),
          folder,
          context,
        )
    }
  }

  const writeModel = async (
    project: OpenProject,
    modelId: number | null,
    folder: string,
    context: JobContext,
  ): Promise<WrittenFiles> => {
    const model = usableCaptioner(project, modelId)
    const modelDir = modelFolder(project, model)
    const parameters = await stat(join(modelDir, 'parameters.safetensors')).catch(() => null)
    await requireSpace(dirname(folder), EXPORT_GROWTH * (parameters?.size ?? 0), 'export')
    const options = engineOptions(context)
    const { frames, preprocessing, problem } = await frameEncoderOf(workspace, project, model, options)
    const classifier = classifierOf(project, model)
    const { files, framesLeftOut } = await workspace.engine.call(
      'captioner.export',
      { modelDir, to: folder, frames, classifier: classifier?.head ?? null },
      options,
    )
    const reason = problem ?? framesLeftOut
    if (reason !== null) {
      context.notice(LEFT_OUT[reason])
    }
    const described = [
      { name: 'preprocessing.json', pieces: [json(preprocessing)] },
      { name: 'topics.json', pieces: [json(modelTopics(project, model))] },
      ...(classifier === null ? [] : [classesFile(classifier)]),
      ...(project.store.neurons.get(model.id) === null ? [] : neuronFiles(project, model.id)),
      {
        name: 'README.md',
        pieces: [modelCard({ project, model, preprocessing, classifier, takesVideos: reason === null })],
      },
    ]
    return [...files, ...(await writeFiles(described, folder, context))]
  }

  const service = {
    /**
     * Exports into the folder `to`, which must be new, empty, or, with `overwrite`, an earlier export of the same
     * kind. Throws CONFLICT without, BAD_INPUT when it holds anything else or lies inside the project, NOT_READY
     * when there is nothing to export yet, DISK_FULL.
     */
    async run(request, { who }) {
      const project = workspace.project()
      const to = await placeToWrite(project, request.to, request.overwrite)
      const jobId = workspace.jobs.start(
        'export',
        `Export ${request.what}`,
        { procedure: 'exports.run', input: { ...request, to } },
        (context) => exportTo(to, project, request, { ...context, who }),
      )
      return { jobId }
    },

    captionFormats: reads([], () =>
      captionExportFormat.options.map((format) => {
        const writer = CAPTION_WRITERS[format]!
        return { format, title: writerTitle(writer), loses: writer.loses }
      }),
    ),

    last: reads(['setting'], () => {
      const last = workspace.project().store.settings.get('lastExport')
      return last && { ...last, page: page === join(last.to, PAGE) }
    }),
  } satisfies Service<'exports'>

  return {
    service,
    /** The page of the last export, where one was written since the program began; null: there is none. */
    page: () => page,
  }
}

async function writeFiles(
  files: readonly OutFile[],
  folder: string,
  { signal, progress }: JobContext,
): Promise<WrittenFiles> {
  const written: WrittenFiles = []
  for (const file of files) {
    if (file.name.includes('/')) {
      await makeFolder(dirname(join(folder, file.name)))
    }
    written.push({ name: file.name, bytes: await writeOut(join(folder, file.name), file, signal) })
    progress({ phase: 'writing', done: written.length, total: files.length, unit: 'files' })
  }
  return written
}

/** Throws BAD_INPUT where a folder holds anything else than an export, whose files may lie in folders. */
async function refuseForeignFiles(folder: string, exported: readonly string[]): Promise<void> {
  const expected = new Set(exported.map((name) => name.split('/')[0] ?? name))
  const entries = await readdir(folder).catch((error: unknown) =>
    systemCode(error) === 'ENOENT' ? [] : throwFileError(folder)(error),
  )
  const foreign = entries.find((name) => !expected.has(name))
  if (foreign !== undefined) {
    throw failures.foreignFile({ folder, file: foreign })
  }
}

/** Says so where what is exported rests on topics that were found in the captions of all clips. */
function noticeTopicsFromAllClips(
  project: OpenProject,
  { what, modelId }: Request,
  { notice }: JobContext,
): void {
  const { topics } = project.store
  // A report says it beside the figures that it flatters.
  if (what === 'human-captions' || what === 'annotations' || what === 'report') {
    return
  }
  const topicIds =
    what === 'topics' ? topics.current().map(({ id }) => id) : usableModel(project, modelId).topics
  const found = countFromAllClips(project.store, topicIds)
  if (found > 0) {
    notice(describeFromAllClips(found))
  }
}
