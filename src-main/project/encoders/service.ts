/** The frame encoders of a person, which all projects use: the engine reads and keeps them. */
import { resolvePath } from '../../common/files/paths.ts'
import type { OpenProject } from '../../store/index.ts'
import { reads } from '../service.ts'
import type { Service } from '../service.ts'
import type { Workspace } from '../workspace.ts'
import { encodersWithSpeeds } from './devices.ts'
import { listDownloads, removeDownload } from './downloads.ts'
import { encodersFolder } from './folder.ts'
import { addFromHub, lookUpModel } from './hub.ts'
import { lastTrial, tryEncoder } from './trial.ts'

interface EncoderParts {
  workspace: Workspace
  /** The open project, or null. */
  openProject(): OpenProject | null
  /** Tells the window that the answers of these queries may be others. */
  announce(queries: string[]): void
}

/** Queries that no write to the database tells of. */
const FILES = ['encoders.list', 'encoders.lastTest', 'encoders.downloads']

export function createEncoders({ workspace, openProject, announce }: EncoderParts) {
  const { engine } = workspace
  const directory = encodersFolder(workspace)
  return {
    list: reads([], (_, { signal }) => encodersWithSpeeds(workspace, signal)),

    inspect: ({ path, choices }, { signal }) =>
      engine.call('encoders.inspect', { directory, path: resolvePath(path), choices }, { signal }),

    async add({ path, choices, id, title, licence }, { signal }) {
      const { fingerprint: _, ...added } = await engine.call(
        'encoders.add',
        { directory, path: resolvePath(path), choices, id, title: title ?? null, licence },
        { signal },
      )
      announce(FILES)
      return { ...added, speed: null }
    },

    findModel: (request, { signal }) => lookUpModel(request, signal),

    fetchModel(request) {
      const jobId = workspace.jobs.start(
        'encoder',
        `Fetch ${request.id}`,
        { procedure: 'encoders.fetchModel', input: request },
        async (context) => {
          try {
            return await addFromHub(workspace, request, context)
          } finally {
            announce(FILES)
          }
        },
      )
      return { jobId }
    },

    downloads: reads([], () => listDownloads(workspace)),

    async removeDownload({ name }) {
      await removeDownload(workspace, name)
      announce(FILES)
    },

    async remove({ id }, { signal }) {
      await engine.call('encoders.remove', { directory, id }, { signal })
      announce(FILES)
    },

    test({ id }) {
      const project = openProject()
      const jobId = workspace.jobs.start(
        'encoder',
        `Try the encoder ${id}`,
        { procedure: 'encoders.test', input: { id } },
        async (context) => {
          const outcome = await tryEncoder(workspace, project, { id, context })
          announce(FILES)
          return outcome
        },
      )
      return { jobId }
    },

    lastTest: reads([], ({ id }) => lastTrial(workspace, id)),
  } satisfies Service<'encoders'>
}
