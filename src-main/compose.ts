/** The composition root: every service is built here, once, for whichever shell runs. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { whyNoBrowser } from './browser.ts'
import type { ChangedNoun, CompareRequest, DoctorReport, MainEvent } from './contract/index.ts'
import { changedNoun } from './contract/index.ts'
import { createEngineClient } from './engine/client.ts'
import type { StartEngine } from './engine/client.ts'
import { createJobs } from './jobs/index.ts'
import { installation } from './paths.ts'
import { createActions } from './project/actions.ts'
import { createCaptions } from './project/captions.ts'
import { createCarryOver } from './project/carry-over.ts'
import { createCorpus } from './project/corpus.ts'
import { createCorrections } from './project/corrections.ts'
import { createCuration } from './project/curation.ts'
import { examine } from './project/doctor.ts'
import { createExports } from './project/exports.ts'
import { createFeatures } from './project/features.ts'
import { listFolder } from './project/folders.ts'
import { createHygiene } from './project/hygiene.ts'
import { createVectorImport } from './project/import-vectors.ts'
import { createInterventions } from './project/interventions.ts'
import { createMedia } from './project/media.ts'
import { createNeurons } from './project/neurons.ts'
import { createProjectService } from './project/project.ts'
import { createRegressions } from './project/regressions.ts'
import { compareFiles, compareModels, scoreFiles } from './project/scoring.ts'
import type { CompareFilesRequest, ScoreFilesRequest } from './project/scoring.ts'
import { createSnapshots } from './project/snapshots.ts'
import { createTopicViews } from './project/topic-views.ts'
import { createTopics } from './project/topics.ts'
import { createTraining } from './project/training.ts'
import type { Workspace } from './project/workspace.ts'

export interface ComposeOptions {
  /** The user's own folder of Vitrine; made when needed. */
  home: string
  /** Starts an engine process: at the first call, and again after one has died. */
  startEngine: StartEngine
  shell: DoctorReport['shell']
}

export type Services = ReturnType<typeof compose>

export function compose({ home, startEngine, shell }: ComposeOptions) {
  const listeners = new Set<(event: MainEvent) => void>()
  const emit = (event: MainEvent): void => {
    for (const listener of [...listeners]) {
      listener(event)
    }
  }
  const changed = (...nouns: ChangedNoun[]): void => {
    emit({ type: 'changed', nouns })
  }

  const engine = createEngineClient(startEngine)
  const jobs = createJobs({
    onBug: (error) => {
      console.error(error)
    },
  })
  jobs.onChange((job) => {
    emit({ type: 'job', job })
  })
  const project = createProjectService({
    home,
    jobs,
    changed: () => {
      changed(...changedNoun.options)
    },
  })
  const workspace: Workspace = { engine, jobs, home, project: project.current, emit, changed }
  const media = createMedia(workspace)
  const captions = createCaptions(workspace)

  return {
    app: {
      doctor: (signal?: AbortSignal) => examine(startEngine, home, describeInstallation(shell), signal),
      listFolder,
    },
    events: {
      /** Calls `listener` with everything that happens from now on; returns the way to stop. */
      subscribe(listener: (event: MainEvent) => void): () => void {
        listeners.add(listener)
        return () => {
          listeners.delete(listener)
        }
      },
    },
    jobs,
    project,
    corpus: {
      ...createCorpus(workspace),
      computeFeatures: createFeatures(workspace).compute,
      mediaFile: media.file,
    },
    topics: {
      ...createTopics(workspace),
      ...createTopicViews(workspace),
      ...createCuration(workspace),
      ...createSnapshots(workspace),
      ...createVectorImport(workspace),
    },
    hygiene: createHygiene(workspace),
    training: {
      ...createTraining(workspace),
      ...createCarryOver(workspace),
      compare: (request: CompareRequest, signal?: AbortSignal) =>
        compareModels(workspace, request, signal && { signal }),
    },
    captions,
    neurons: createNeurons(workspace),
    corrections: {
      ...createCorrections(workspace),
      ...createInterventions(workspace, captions),
      ...createRegressions(workspace),
    },
    actions: createActions(workspace),
    exports: createExports(workspace),
    /** Metrics of caption files of any system; needs no project. */
    scoring: {
      score: (request: ScoreFilesRequest, signal?: AbortSignal) =>
        scoreFiles(engine, request, signal && { signal }),
      compare: (request: CompareFilesRequest, signal?: AbortSignal) =>
        compareFiles(engine, request, signal && { signal }),
    },
    /** Cancels what runs, ends the engine and closes the project. */
    async close(): Promise<void> {
      await jobs.use(null)
      await engine.close()
      await project.close()
    },
  }
}

function describeInstallation(shell: DoctorReport['shell']) {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(installation, 'package.json'), 'utf8')))
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
