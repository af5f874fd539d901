/** Exports: a folder of plain files that appears whole, and never in the place of files that an export did not write. */
import { mkdir, readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { exportRequest, VitrineError } from '#contract'
import type { ExportRequest, ExportResult, Split } from '#contract'
import type { CallOptions } from '../engine/client.ts'
import { replaceFolderAtomic, writeFileAtomic } from '../formats/atomic.ts'
import type { OpenProject } from '../store/index.ts'
import { count, forward, modelFolder, usableModel } from './workspace.ts'
import type { JobStarted, Workspace } from './workspace.ts'

/** A file of an export: its name and text. */
interface TextFile {
  name: string
  text: string
}

const SPLITS: readonly Split[] = ['train', 'val', 'test']

export function createExports(workspace: Workspace) {
  const write = async (project: OpenProject, what: Exclude<ExportRequest['what'], 'model'>, modelId: number | null, folder: string): Promise<ExportResult['files']> => {
    const texts = { captions: captionFiles, topics: topicFiles, neurons: neuronFiles }[what](project, modelId)
    for (const { name, text } of texts) await writeFileAtomic(join(folder, name), text)
    return texts.map(({ name, text }) => ({ name, bytes: Buffer.byteLength(text) }))
  }

  const writeModel = async (project: OpenProject, modelId: number | null, folder: string, options: CallOptions): Promise<ExportResult['files']> => {
    const model = usableModel(project, modelId)
    const { files } = await workspace.engine.call('captioner.export', { modelDir: modelFolder(project, model), to: folder }, options)
    return files
  }

  return {
    /**
     * Exports into the folder `to`, which must be new, empty, or an earlier export of the same kind. Throws BAD_INPUT when
     * it holds anything else, NOT_READY when there is nothing to export yet, DISK_FULL.
     */
    run(input: ExportRequest): JobStarted {
      const request = exportRequest.parse(input)
      const project = workspace.project()
      const to = resolve(request.to)
      const jobId = workspace.jobs.start('export', `Export ${request.what}`, request, async (context) => {
        await mkdir(dirname(to), { recursive: true })
        let files: ExportResult['files'] = []
        await replaceFolderAtomic(to, async (folder) => {
          files = request.what === 'model' ? await writeModel(project, request.modelId, folder, forward(context)) : await write(project, request.what, request.modelId, folder)
          await refuseStrangers(to, new Set(files.map(({ name }) => name.split('/')[0] ?? name)))
        })
        project.store.settings.set('lastExport', { to, files })
        workspace.changed('project')
        return { summary: `${count(files.length, 'file')} in ${to}.` }
      })
      return { jobId }
    },

    last(): ExportResult | null {
      return workspace.project().store.settings.get('lastExport')
    },
  }
}

async function refuseStrangers(folder: string, own: ReadonlySet<string>): Promise<void> {
  const there = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new VitrineError('BAD_INPUT', `${folder} is not a folder that can be written to.`, 'Name a new or empty folder.', { cause: error })
  })
  const stranger = there.find((name) => !own.has(name))
  if (stranger !== undefined) throw new VitrineError('BAD_INPUT', `The folder ${folder} holds ${stranger}, which is not of such an export.`, 'Name a new or empty folder.')
}

/** captions.csv and captions.json: what the model says of each clip that it captioned, beside its scores. */
function captionFiles(project: OpenProject, modelId: number | null): TextFile[] {
  const { store } = project
  const model = usableModel(project, modelId)
  const human = store.clips.captionsByClip()
  const rows = SPLITS.flatMap((split) => {
    const names = new Map(store.clips.all(split).map(({ id, name }) => [id, name]))
    return store.captions.all(model.id, split).map(({ clipId, caption, logProbability, cider, alternatives, decoding }) => ({
      video: names.get(clipId) ?? '', split, caption, logProbability, CIDEr: cider, references: human.get(clipId) ?? [], alternatives, decoding,
    }))
  })
  if (rows.length === 0) throw new VitrineError('NOT_READY', `Model ${model.id} has not captioned anything yet.`, 'Caption a split first.')
  return [
    { name: 'captions.csv', text: csv(['video', 'split', 'caption', 'logProbability', 'CIDEr'], rows.map(({ video, split, caption, logProbability, CIDEr }) => [video, split, caption, logProbability, CIDEr])) },
    { name: 'captions.json', text: json({ model: model.id, kind: model.kind, evaluations: store.models.evaluations(model.id), captions: rows }) },
  ]
}

/** topics.csv, topics.json and assignments.csv (which clips bear which topics). */
function topicFiles({ store }: OpenProject): TextFile[] {
  const topics = store.topics.current()
  if (topics.length === 0) throw new VitrineError('NOT_READY', 'This project has no topics yet.', 'Find topics first.')
  const counts = store.topics.clipCounts()
  const clips = store.clips.all()
  const assignments = clips.flatMap(({ id, name }) => store.topics.ofClip(id).map((entry) => [name, entry.topicId, entry.share, entry.active ? 1 : 0, entry.source]))
  return [
    { name: 'topics.csv', text: csv(['id', 'label', 'words', 'npmi', 'videos'], topics.map(({ id, label, words, npmi }) => [id, label, words.map(({ word }) => word).join(' '), npmi, counts.get(id) ?? 0])) },
    { name: 'topics.json', text: json({ run: store.topics.run(), topics: topics.map(({ id, label, words, npmi }) => ({ id, label, words, npmi, videos: counts.get(id) ?? 0 })) }) },
    { name: 'assignments.csv', text: csv(['video', 'topic', 'share', 'active', 'source'], assignments) },
  ]
}

/** neurons.csv in the columns of CLIP-Dissect (layer, unit, description, score), and neurons.json with every figure. */
function neuronFiles(project: OpenProject, modelId: number | null): TextFile[] {
  const { store } = project
  const model = usableModel(project, modelId)
  const map = store.neurons.get(model.id)
  if (map === null) throw new VitrineError('NOT_READY', `The neurons of model ${model.id} have not been interpreted.`, 'Interpret them first.')
  const labels = store.topics.labels()
  const neurons = map.neurons.map(({ topicId, runnerUpId, ...rest }) => ({ ...rest, topicId, topic: labels.get(topicId) ?? '', runnerUpId, runnerUp: labels.get(runnerUpId) ?? '' }))
  return [
    { name: 'neurons.csv', text: csv(['layer', 'unit', 'description', 'score'], neurons.map(({ part, neuron, topic, delta }) => [`encoder.${part}`, neuron, topic, delta])) },
    { name: 'neurons.json', text: json({ model: model.id, request: map.request, shuffledBaseline: map.shuffledBaseline, meanDelta: map.meanDelta, neurons }) },
  ]
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`

/** RFC 4180, with newlines as on Unix; an unknown value is an empty cell. */
function csv(header: string[], rows: readonly (readonly (string | number | null)[])[]): string {
  const cell = (value: string | number | null) => (typeof value === 'string' && /[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : String(value ?? ''))
  return [header, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('')
}
