/** What concerns the program and its machine, not a project. */
import { readFile } from 'node:fs/promises'
import { about } from '#contract'
import type { StartEngine } from '../../engine-host/client.ts'
import type { MediaTools } from '../../media/tools.ts'
import type { Service } from '../service.ts'
import { examine } from './doctor.ts'
import type { Installation } from './doctor.ts'
import { eventStream } from './events.ts'
import type { Events } from './events.ts'
import { listFolder } from './folders.ts'

interface AppOptions {
  startEngine: StartEngine
  media: MediaTools
  home: string
  events: Events
  installation: () => Installation
  newToken: () => string | null
  /** The file that `npm run docs` writes of the packages. */
  licences: string
}

export const createAppService = ({
  startEngine,
  media,
  home,
  events,
  installation,
  newToken,
  licences,
}: AppOptions): Service<'app'> => ({
  doctor: (_, { signal }) => examine({ startEngine, media, home }, installation(), signal),
  about: async () => {
    const packages = JSON.parse(await readFile(licences, 'utf8')) as object
    return about.parse({ ...packages, version: installation().vitrine })
  },
  listFolder: ({ path }) => listFolder(path),
  newToken: () => Promise.resolve(newToken()),
  events: (_, { signal }) => eventStream(events, signal),
})
