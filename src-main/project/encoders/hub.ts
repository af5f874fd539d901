/**
 * Models of a hub as encoders. A person looks one up, which says its licence and how much there is to fetch; what they
 * then fetch is written beside the encoders under a name with its commit, so that a try that ended early goes on, and
 * added like a folder that was there.
 */
import type * as z from 'zod'
import type { FetchModelRequest, HubModel, Precision } from '#contract'
import type { fetchModelRequest } from '#contract'
import { precisionsOf } from '../../formats/hugging-face/files.ts'
import { download } from '../../hub/download.ts'
import { filesToFetch, findModel } from '../../hub/listing.ts'
import type { HubFile, HubModel as ListedModel } from '../../hub/listing.ts'
import { hubOf } from '../../hub/requests.ts'
import type { Hub } from '../../hub/requests.ts'
import type { JobContext, JobOutcome } from '../../jobs/index.ts'
import { requireSpace } from '../space.ts'
import type { Workspace } from '../workspace.ts'
import { withDownload } from './downloads.ts'
import { failures } from './failures.ts'
import { encodersFolder } from './folder.ts'

/** What the hub has of a model; none of its files is fetched. */
export async function lookUpModel(
  { name, revision }: { name: string; revision: string | null },
  signal: AbortSignal,
): Promise<HubModel> {
  const hub = hubOf(process.env)
  const model = await findModel(hub, { name, revision, signal })
  const precisions = precisionsOf(model.files.map(({ path }) => path)).map((precision) => ({
    precision,
    bytes: bytesOf(filesToFetch(model, precision)),
  }))
  return { name, id: model.id, host: hub.host, revision: model.revision, licence: model.licence, precisions }
}

const bytesOf = (files: readonly HubFile[]): number => files.reduce((sum, { bytes }) => sum + bytes, 0)

/** Fetches a model at its commit and adds it. Throws what its requests throw; CONFLICT for a name that is taken; DISK_FULL. */
export async function addFromHub(
  workspace: Workspace,
  request: z.output<typeof fetchModelRequest>,
  context: JobContext,
): Promise<JobOutcome> {
  const { id, revision, precision } = request
  const { signal, progress } = context
  const encoder = request.encoder ?? encoderIdOf(request)
  await requireFree(workspace, encoder, signal)
  progress({ phase: 'asking the hub', done: 0, total: null, unit: 'models' })
  const hub = hubOf(process.env)
  const model = await findModel(hub, { name: id, revision, signal })
  const added = await withDownload(workspace, { ...model, precision }, async (folder) => {
    await fetchFiles(hub, { model, precision, folder, context })
    progress({ phase: 'reading the network', done: 0, total: null, unit: 'networks' })
    return workspace.engine.call(
      'encoders.add',
      {
        directory: encodersFolder(workspace),
        path: folder,
        choices: { precision },
        id: encoder,
        title: precision === 'fp32' ? id : `${id} (${precision})`,
        licence: model.licence ?? 'not said by its page',
        source: `${id} at ${revision} of ${hub.host}, ${precision}`,
      },
      { signal },
    )
  })
  return {
    result: { kind: 'encoder', encoder: added.id },
    summary: `${added.title} is the encoder ${added.id} now, under the licence ${added.licence}.`,
  }
}

/** What an encoder of a model is called where nobody says it: as the model, without its owner. */
function encoderIdOf({ id, precision }: Pick<FetchModelRequest, 'id' | 'precision'>): string {
  const stem = id
    .slice(id.indexOf('/') + 1)
    .toLowerCase()
    .slice(0, 56)
  return precision === 'fp32' ? stem : `${stem}-${precision}`
}

/** Throws CONFLICT before anything is fetched. */
async function requireFree({ engine, home }: Workspace, encoder: string, signal: AbortSignal): Promise<void> {
  const encoders = await engine.call('encoders.list', { directory: encodersFolder({ home }) }, { signal })
  if (encoders.some(({ id }) => id === encoder)) {
    throw failures.idTaken({ encoder })
  }
}

interface Fetch {
  model: ListedModel
  precision: Precision
  /** What they are fetched into. */
  folder: string
  context: JobContext
}

async function fetchFiles(
  hub: Hub,
  { model, precision, folder, context: { signal, progress } }: Fetch,
): Promise<void> {
  const { id, revision } = model
  const files = filesToFetch(model, precision)
  const total = bytesOf(files)
  // They are copied once more when they become an encoder.
  await requireSpace(folder, 2 * total, 'model')
  const onProgress = (bytes: number): void => {
    progress({ phase: `fetching from ${hub.host}`, done: bytes / 1e6, total: total / 1e6, unit: 'MB' })
  }
  onProgress(0)
  await download(hub, { id, revision, files, folder, signal, onProgress })
}
