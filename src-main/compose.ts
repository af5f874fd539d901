/** The composition root: every service is built here, once, for whichever shell runs. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { whyNoBrowser } from './browser.ts'
import type { Contract, DoctorReport } from '#contract'
import { createEngineClient } from './engine-host/client.ts'
import type { StartEngine } from './engine-host/client.ts'
import { createJobs } from './jobs/index.ts'
import { throttled } from './jobs/throttle.ts'
import { createMediaTools } from './media/create.ts'
import { mediaStarter } from './media/process.ts'
import { captionWorker, installation, mediaEntry } from './paths.ts'
import { createActions } from './project/actions/service.ts'
import { createEvents } from './project/app/events.ts'
import { createAppService } from './project/app/service.ts'
import { queriesReading } from './project/changed-queries.ts'
import { createMedia } from './project/corpus/media.ts'
import { createCorpus } from './project/corpus/service.ts'
import { createCorrections } from './project/corrections/service.ts'
import { createEncoders } from './project/encoders/service.ts'
import { createExports } from './project/exports/service.ts'
import { createJobService } from './project/jobs/service.ts'
import { createNeurons } from './project/neurons/service.ts'
import { createSavedViews } from './project/project/saved-views.ts'
import { createProjectService } from './project/project/service.ts'
import { createReview } from './project/review/service.ts'
import type { Service } from './project/service.ts'
import { createSteps } from './project/steps/service.ts'
import { createStorage } from './project/storage/service.ts'
import { createSweeps } from './project/sweeps/service.ts'
import { createTopics } from './project/topics/service.ts'
import { createTraining } from './project/training/service.ts'
import { createWorkspace } from './project/workspace.ts'

/** How often the window is told what to ask for again while a job writes, in milliseconds. */
const CHANGES_EVERY = 100

interface ComposeOptions {
  /** The user's own folder of Vitrine; made when needed. */
  home: string
  /** Starts an engine process: at the first call, and again after one has died. */
  startEngine: StartEngine
  shell: DoctorReport['shell']
  /** What lets another window in, once; left out where there is no such thing. */
  newToken?: () => string | null
}

export type Services = { [Noun in keyof Contract]: Service<Noun> }
export type Application = ReturnType<typeof compose>

export function compose({ home, startEngine, shell, newToken = () => null }: ComposeOptions) {
  const events = createEvents()
  const engine = createEngineClient(startEngine)
  const media = createMediaTools(mediaStarter(mediaEntry))
  const jobs = createJobs({
    onBug: (error) => {
      console.error(error)
    },
  })
  jobs.onChange((job) => {
    events.emit({ type: 'job', job })
  })
  const writtenTables = new Set<string>()
  const announceChanges = throttled(CHANGES_EVERY, () => {
    const queries = changedQueries(writtenTables)
    writtenTables.clear()
    if (queries.length > 0) {
      events.emit({ type: 'changed', queries })
    }
  })
  const project = createProjectService({
    home,
    jobs,
    onSwitch: () => {
      events.emit({ type: 'changed', queries: null })
    },
    onCommit: (tables) => {
      tables.forEach((table) => writtenTables.add(table))
      announceChanges.push(undefined)
    },
  })
  const announce = (queries: string[] | null): void => {
    events.emit({ type: 'changed', queries })
  }
  const workspace = createWorkspace({
    engine,
    media,
    startEngine,
    jobs,
    home,
    captionWorker,
    project: project.current,
  })
  const rooms = {
    corpus: createCorpus(workspace),
    topics: createTopics(workspace),
    training: createTraining(workspace),
    sweeps: createSweeps(workspace),
    review: createReview(workspace),
    neurons: createNeurons(workspace),
    corrections: createCorrections(workspace),
    actions: createActions(workspace),
  }
  const exported = createExports(workspace, { queries: rooms, versions: versions() })
  const services: Services = {
    ...rooms,
    app: createAppService({
      startEngine,
      media,
      home,
      events,
      installation: () => describeInstallation(shell),
      newToken,
      licences: join(installation, 'resources', 'licences.json'),
    }),
    jobs: createJobService(workspace, (procedure) => procedureOf(services, procedure)),
    project: { ...project.service, ...createSavedViews(workspace) },
    encoders: createEncoders({
      workspace,
      openProject: () => (project.openFolder() === null ? null : project.current()),
      announce,
    }),
    exports: exported.service,
    steps: createSteps(workspace),
    storage: createStorage({
      workspace,
      openFolder: project.openFolder,
      whileClosed: project.whileClosed,
      announce,
    }),
  }
  const changedQueries = queriesReading(services)

  return {
    /** The contract, implemented: see router.ts for the ways to call it. */
    services,
    events,
    jobs,
    /** The open project. Throws NO_PROJECT. */
    project: project.current,
    /** The store of the open project, or null. */
    openStore: project.store,
    /** The name that edits are signed with; empty while no project is open. */
    who: project.who,
    /** Where a clip's picture, film strip or playable video lies. */
    mediaFile: createMedia(workspace, (clipId, progress) => {
      events.emit({ type: 'copying', clipId, ...progress })
    }).file,
    /** Where the page of the last export lies; null: none was written since the program began. */
    exportedPage: exported.page,
    /** Cancels what runs, ends the other processes and closes the project. */
    async close(): Promise<void> {
      await jobs.stop()
      await engine.close()
      await media.close()
      await project.close()
    },
  }
}

/** What implements a procedure that is named as `noun.name`; undefined: nothing does. */
function procedureOf(services: Services, procedure: string): unknown {
  const [noun = '', name = ''] = procedure.split('.')
  const service = Object.entries(services).find(([key]) => key === noun)?.[1] as object | undefined
  return Object.entries(service ?? {}).find(([key]) => key === name)?.[1]
}

/** The program, and the packages that compute: their versions are pinned. */
function installedPackages(): { version: string; dependencies: Record<string, string> } {
  return z
    .object({ version: z.string(), dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(join(installation, 'package.json'), 'utf8')))
}

function versions(): [name: string, version: string][] {
  const { version, dependencies } = installedPackages()
  return [
    ['Vitrine', version],
    ['ONNX Runtime (onnxruntime-node)', dependencies['onnxruntime-node'] ?? 'unknown'],
    ['FFmpeg (node-av)', dependencies['node-av'] ?? 'unknown'],
    ['Node.js', process.versions.node],
    ['system', `${process.platform} ${process.arch}`],
  ]
}

function describeInstallation(shell: DoctorReport['shell']) {
  const { version } = installedPackages()
  const noBrowser = whyNoBrowser()
  return {
    vitrine: version,
    shell,
    electron:
      shell === 'electron' || electronIsThere()
        ? { ok: true, reason: null }
        : { ok: false, reason: 'its binary is not installed; the browser is the window instead' },
    browser: { ok: noBrowser === null, path: process.env['VITRINE_BROWSER'] ?? null },
  }
}

/** Looks for Electron's binary without importing its package, which would begin to fetch it. */
function electronIsThere(): boolean {
  const folder = join(installation, 'node_modules', 'electron')
  const pathFile = join(folder, 'path.txt')
  return (
    existsSync(pathFile) &&
    existsSync(
      join(
        process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(folder, 'dist'),
        readFileSync(pathFile, 'utf8'),
      ),
    )
  )
}
