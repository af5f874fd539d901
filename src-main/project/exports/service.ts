/**
 * Exports: a folder of plain files that appears whole, and never in the place of files that an export did not
 * write.
 */
import { mkdir, readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { VitrineError } from '#contract'
import type { ExportResult, Split } from '#contract'
import type { CallOptions } from '../../engine-host/client.ts'
import { replaceFolderAtomic } from '../../formats/atomic.ts'
import type { JobContext } from '../../jobs/index.ts'
import type { OpenProject } from '../../store/index.ts'
import { csv, json, writeOut } from './topics/files.ts'
import type { OutFile } from './topics/files.ts'
import { interpreted, neuronCsv } from '../neurons/service.ts'
import { createTopicFiles, TOPIC_FILES } from './topic-files.ts'
import { count } from '../../common/text.ts'
import { forward, modelFolder, usableModel } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import type { Service } from '../service.ts'
import { reads } from '../service.ts'

const SPLITS: readonly Split[] = ['train', 'val', 'test']

export function createExports(workspace: Workspace) {
  const topicFiles = createTopicFiles(workspace)

  const write = async (
    files: readonly OutFile[],
    folder: string,
    { signal, progress }: JobContext,
  ): Promise<ExportResult['files']> => {
    const written: ExportResult['files'] = []
    for (const file of files) {
      written.push({ name: file.name, bytes: await writeOut(join(folder, file.name), file, signal) })
      progress({ phase: 'writing', done: written.length, total: files.length, unit: 'files' })
    }
    return written
  }

  const writeModel = async (
    project: OpenProject,
    modelId: number | null,
    folder: string,
    options: CallOptions,
  ): Promise<ExportResult['files']> => {
    const model = usableModel(project, modelId)
    const { files } = await workspace.engine.call(
      'captioner.export',
      { modelDir: modelFolder(project, model), to: folder },
      options,
    )
    return files
  }

  return {
    /**
     * Exports into the folder `to`, which must be new, empty, or an earlier export of the same kind. Throws
     * BAD_INPUT when it holds anything else, NOT_READY when there is nothing to export yet, DISK_FULL.
     */
    run(request) {
      const project = workspace.project()
      const to = resolve(request.to)
      const jobId = workspace.jobs.start('export', `Export ${request.what}`, request, async (context) => {
        await mkdir(dirname(to), { recursive: true })
        let files: ExportResult['files'] = []
        await replaceFolderAtomic(to, async (folder) => {
          const { what, modelId } = request
          files =
            what === 'model'
              ? await writeModel(project, modelId, folder, forward(context))
              : await write(
                  what === 'topics'
                    ? await topicFiles(project, context)
                    : { captions: captionFiles, neurons: neuronFiles }[what](project, modelId),
                  folder,
                  context,
                )
          await refuseStrangers(
            to,
            new Set([
              ...files.map(({ name }) => name.split('/')[0] ?? name),
              ...(what === 'topics' ? TOPIC_FILES : []),
            ]),
          )
        })
        project.store.settings.set('lastExport', { to, files })
        return {
          result: { kind: 'export', to, files: files.length },
          summary: `${count(files.length, 'file')} in ${to}.`,
        }
      })
      return { jobId }
    },

    last: reads(['setting'], () => workspace.project().store.settings.get('lastExport')),
  } satisfies Service<'exports'>
}

async function refuseStrangers(folder: string, own: ReadonlySet<string>): Promise<void> {
  const there = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return []
    }
    throw new VitrineError(
      'BAD_INPUT',
      `${folder} is not a folder that can be written to.`,
      'Name a new or empty folder.',
      { cause: error },
    )
  })
  const stranger = there.find((name) => !own.has(name))
  if (stranger !== undefined) {
    throw new VitrineError(
      'BAD_INPUT',
      `The folder ${folder} holds ${stranger}, which is not of such an export.`,
      'Name a new or empty folder.',
    )
  }
}

/** captions.csv and captions.json: what the model says of each clip that it captioned, beside its scores. */
function captionFiles(project: OpenProject, modelId: number | null): OutFile[] {
  const { store } = project
  const model = usableModel(project, modelId)
  const human = store.clips.captionsByClip()
  const rows = SPLITS.flatMap((split) => {
    const names = new Map(store.clips.all(split).map(({ id, name }) => [id, name]))
    return store.captions
      .all(model.id, split)
      .map(({ clipId, caption, logProbability, cider, alternatives, decoding }) => ({
        video: names.get(clipId) ?? '',
        split,
        caption,
        logProbability,
        CIDEr: cider,
        references: human.get(clipId) ?? [],
        alternatives,
        decoding,
      }))
  })
  if (rows.length === 0) {
    throw new VitrineError(
      'NOT_READY',
      `Model ${model.id} has not captioned anything yet.`,
      'Caption a split first.',
    )
  }
  return [
    {
      name: 'captions.csv',
      pieces: csv(
        ['video', 'split', 'caption', 'logProbability', 'CIDEr'],
        rows.map(({ video, split, caption, logProbability, CIDEr }) => [
          video,
          split,
          caption,
          logProbability,
          CIDEr,
        ]),
      ),
    },
    {
      name: 'captions.json',
      pieces: [
        json({
          model: model.id,
          kind: model.kind,
          evaluations: store.models.evaluations(model.id),
          captions: rows,
        }),
      ],
    },
  ]
}

/**
 * neurons.csv in the columns of CLIP-Dissect (layer, unit, description, score), and neurons.json with every
 * figure.
 */
function neuronFiles(project: OpenProject, modelId: number | null): OutFile[] {
  const { store } = project
  const model = usableModel(project, modelId)
  const map = interpreted(store, model.id)
  const labels = store.topics.labels()
  const judged = store.neurons.judgements(model.id)
  const neurons = map.neurons.map(({ topicId, runnerUpId, ...rest }) => ({
    ...rest,
    topicId,
    topic: labels.get(topicId) ?? '',
    runnerUpId,
    runnerUp: labels.get(runnerUpId) ?? '',
    judged: judged.get(rest.neuron) ?? null,
  }))
  return [
    { name: 'neurons.csv', pieces: neuronCsv(store, model.id, map) },
    {
      name: 'neurons.json',
      pieces: [
        json({
          model: model.id,
          request: map.request,
          shuffledBaseline: map.shuffledBaseline,
          meanDelta: map.meanDelta,
          neurons,
        }),
      ],
    },
  ]
}
