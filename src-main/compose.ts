/** The composition root: every service is built here, once, for whichever shell runs. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { whyNoBrowser } from './browser.ts'
import type { ChangedNoun, CompareRequest, DoctorReport, MainEvent } from '#contract'
import { changedNoun } from '#contract'
import { createEngineClient } from './engine-host/client.ts'
import type { StartEngine } from './engine-host/client.ts'
import { createJobs } from './jobs/index.ts'
import { installation } from './paths.ts'
import { createActions } from './project/actions/service.ts'
import { createReview } from './project/review/service.ts'
import { createCarryOver } from './project/training/carry-over.ts'
import { createCorpus } from './project/corpus/service.ts'
import { createCorrections } from './project/corrections/service.ts'
import { createCuration } from './project/topics/curation.ts'
import { examine } from './project/app/doctor.ts'
import { createExports } from './project/exports/service.ts'
import { createFeatures } from './project/corpus/features.ts'
import { listFolder } from './project/app/folders.ts'
import { createCaptionChecks } from './project/corpus/checks.ts'
import { createVectorImport } from './project/topics/import-vectors.ts'
import { createInterventions } from './project/corrections/interventions.ts'
import { createMedia } from './project/corpus/media.ts'
import { createNeurons } from './project/neurons/service.ts'
import { createProjectService } from './project/project/service.ts'
import { createRegressions } from './project/corrections/regressions.ts'
import { compareFiles, compareModels, scoreFiles } from './project/training/scoring.ts'
import type { CompareFilesRequest, ScoreFilesRequest } from './project/training/scoring.ts'
import { createSnapshots } from './project/topics/snapshots.ts'
import { createTopicViews } from './project/topics/views.ts'
import { createTopics } from './project/topics/extraction.ts'
import { createTraining } from './project/training/service.ts'
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
  const review = createReview(workspace)

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
      ...createCaptionChecks(workspace),
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
    training: {
      ...createTraining(workspace),
      ...createCarryOver(workspace),
      compare: (request: CompareRequest, signal?: AbortSignal) =>
        compareModels(workspace, request, signal && { signal }),
    },
    review,
    neurons: createNeurons(workspace),
    corrections: {
      ...createCorrections(workspace),
      ...createInterventions(workspace, review),
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
