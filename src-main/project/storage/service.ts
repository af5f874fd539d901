/** What a project takes on the disk, its backups, and whether all of it is as it should be. */
import { existsSync, statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Job, PlannedStage, ProjectSummary } from '#contract'
import { resolvePath } from '../../common/files/paths.ts'
import { makeFolder } from '../../formats/files.ts'
import {
  DATABASE,
  findBackup,
  listBackups,
  previewRestore,
  problemsOfFile,
  removeBackup,
  restoreBackup,
  salvageDatabase,
} from '../../store/index.ts'
import type { OpenProject } from '../../store/index.ts'
import { bytesOfFeatures, featureRequestOf } from '../corpus/feature-settings.ts'
import type { Service } from '../service.ts'
import { reads } from '../service.ts'
import { bytesOfTraining } from '../training/space.ts'
import type { Workspace } from '../workspace.ts'
import { placeToWrite } from '../place.ts'
import { takeArchive } from './archive/take.ts'
import { archiveProject } from './archive/write.ts'
import { checkProject } from './check.ts'
import { failures } from './failures.ts'
import { freeParts, storageReport } from './report.ts'
import { requireSpace, spaceFor } from '../space.ts'

interface StorageParts {
  workspace: Workspace
  /** The folder of the open project, or null. */
  openFolder(): string | null
  /**
   * Closes the project in `folder` if it is open, runs `work` on its files, and opens it, whatever `work` threw.
   */
  whileClosed(folder: string, work: () => Promise<void>): Promise<ProjectSummary>
  /** Tells the window that the answers of these queries may be others. */
  announce(queries: string[] | null): void
}

/** Queries that no write to the database tells of. */
const FILES = ['storage.backups', 'storage.report']

export function createStorage({ workspace, openFolder, whileClosed, announce }: StorageParts) {
  const folderOf = (project: string | undefined): string =>
    project === undefined ? workspace.project().folder : projectFolder(project)

  return {
    backups: reads([], ({ project }) => listBackups(folderOf(project))),

    async backUp({ label, to }) {
      const project = workspace.project()
      const file = to === null ? null : resolvePath(to)
      // It may be another disk, that is free where the project's is full.
      const disk = file === null ? project.folder : dirname(file)
      await requireSpace(disk, await bytesOfDatabase(project.folder), 'backup')
      const backup = await project.backUp({ reason: 'by-hand', label, to: file })
      announce(FILES)
      return backup
    },

    /** Throws NOT_FOUND. */
    removeBackup({ name }) {
      removeBackup(workspace.project().folder, name)
      announce(FILES)
    },

    /** What restoring would change; of a project that need not be open. Throws NOT_FOUND, BAD_INPUT. */
    previewRestore({ backup, project }) {
      const folder = folderOf(project)
      return previewRestore(folder, findBackup(folder, backup))
    },

    /**
     * Backs up what there is, then makes the project what it was. Throws CONFLICT while a job runs, of another program
     * too, NOT_FOUND, and BAD_INPUT for a file that is no sound backup.
     */
    async restore({ backup: named, project }) {
      const folder = folderOf(project)
      const backup = findBackup(folder, named)
      if (openFolder() === folder) {
        requireIdle(workspace.jobs.list())
      }
      await requireSpace(folder, 2 * backup.bytes + (await bytesOfDatabase(folder)), 'restore')
      return whileClosed(folder, () => restoreBackup(folder, backup))
    },

    /** What takes how much, and what of it can be made again. */
    report: reads(['feature', 'feature_set', 'model', 'setting'], () => storageReport(workspace.project())),

    /** Removes what can be made again. Throws CONFLICT while a job runs. */
    async free({ parts }) {
      requireIdle(workspace.jobs.list())
      const bytes = await freeParts(workspace.project(), parts)
      announce(FILES)
      return { bytes }
    },

    /** What a stage will need on the disk. */
    async need(planned) {
      const project = workspace.project()
      return spaceFor(project.folder, await bytesOf(workspace, project, planned))
    },

    /** Looks for all that may be wrong; with `repair`, mends what can be. */
    check({ repair }) {
      const project = workspace.project()
      const title = repair ? 'Check and repair the project' : 'Check the project'
      const jobId = workspace.jobs.start(
        'check',
        title,
        { procedure: 'storage.check', input: { repair } },
        async (context) => {
          const outcome = await checkProject(project, repair, context)
          announce(repair ? null : FILES)
          return outcome
        },
      )
      return { jobId }
    },

    /** Packs the open project into one file. Throws CONFLICT, and BAD_INPUT inside of the project's folder. */
    async archive({ to: file, media, overwrite }) {
      const project = workspace.project()
      const to = await placeToWrite(project, file, overwrite)
      await makeFolder(dirname(to))
      const jobId = workspace.jobs.start(
        'archive',
        `Archive ${project.name}`,
        { procedure: 'storage.archive', input: { to, media, overwrite } },
        (context) => archiveProject(project, { to, media }, context),
      )
      return { jobId }
    },

    /** Makes a project of an archive; no other need be open. */
    unarchive(request) {
      const jobId = workspace.jobs.start(
        'unarchive',
        `Unpack ${basename(resolvePath(request.archive))}`,
        { procedure: 'storage.unarchive', input: request },
        (context) => takeArchive(request, context),
      )
      return { jobId }
    },

    /** What SQLite finds wrong with the database of a project that need not be open. */
    inspect: ({ project }) => problemsOfFile(projectFolder(project)),

    /**
     * Makes a new database of what can be read of a damaged one, which is kept. Throws CONFLICT for the open
     * project, BAD_INPUT for one that is not damaged or of which nothing can be read.
     */
    async salvage({ project }) {
      const folder = projectFolder(project)
      if (openFolder() === folder) {
        throw failures.isOpen({ project: folder })
      }
      if ((await problemsOfFile(folder)).length === 0) {
        throw failures.notDamaged({ project: folder })
      }
      await requireSpace(folder, 3 * (await bytesOfDatabase(folder)), 'salvage')
      const { backup, ...salvage } = await salvageDatabase(folder)
      return { ...salvage, backup: backup?.name ?? null }
    },
  } satisfies Service<'storage'>
}

/** The folder of a project by its path, or that of its database. Throws NOT_FOUND where no folder is. */
function projectFolder(path: string): string {
  const written = resolvePath(path)
  const isDatabase = basename(written) === DATABASE && !existsSync(join(written, DATABASE))
  const folder = isDatabase ? dirname(written) : written
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw failures.noFolder({ folder })
  }
  return folder
}

/** Throws CONFLICT while a job runs or waits, of another program too. */
function requireIdle(jobs: readonly Job[]): void {
  const active = jobs.find(({ state }) => state === 'running' || state === 'queued')
  if (active !== undefined) {
    throw failures.jobRuns({ job: active.title })
  }
}

const bytesOfDatabase = async (folder: string): Promise<number> =>
  (await stat(join(folder, DATABASE)).catch(() => null))?.size ?? 0

/** Bytes that a stage writes, at most and about. */
async function bytesOf(workspace: Workspace, project: OpenProject, planned: PlannedStage): Promise<number> {
  switch (planned.stage) {
    case 'features':
      return bytesOfFeatures(workspace, project, await featureRequestOf(workspace, project, planned))
    case 'training':
      return bytesOfTraining(project, planned)
    case 'backup':
      return bytesOfDatabase(project.folder)
  }
}
