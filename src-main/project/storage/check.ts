/**
 * A look at all that a project consists of: what SQLite says of its database, every feature file's checksum, the
 * files of models, clips whose video is away, files that nothing names, backups. With `repair` it mends what can
 * be mended without a person: what it can't make again it leaves alone.
 */
import { rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { CheckFinding } from '#contract'
import { CancelledError } from '../../common/failures.ts'
import { byteCount, count, someOf } from '../../common/text.ts'
import type { JobContext, JobOutcome } from '../../jobs/index.ts'
import {
  isCaptioner,
  absolutePath,
  inspectDatabase,
  isOwnContent,
  isSoundBackup,
  listBackups,
  repairDatabase,
} from '../../store/index.ts'
import type { Inspection, Model, OpenProject } from '../../store/index.ts'
import { damageFailure, damagedFeatures, forgetDamaged } from '../corpus/feature-files.ts'
import type { DamagedFeature } from '../corpus/feature-files.ts'
import { modelFolder } from '../workspace.ts'
import { backUpBefore } from '../backups.ts'
import { failures, findingOf } from './findings.ts'
import { hasWholeModel, partOf, projectFiles } from './files.ts'
import { findLeftovers, removeLeftovers } from './report.ts'

interface Check {
  project: OpenProject
  repair: boolean
  context: JobContext
}

/** Checks everything, one part after the other. Throws CancelledError. */
export async function checkProject(
  project: OpenProject,
  repair: boolean,
  context: JobContext,
): Promise<JobOutcome> {
  const check: Check = { project, repair, context }
  const findings: CheckFinding[] = []
  for (const [phase, look] of LOOKS) {
    if (context.signal.aborted) {
      throw new CancelledError()
    }
    context.progress({ phase, done: 0, total: null, unit: 'files' })
    findings.push(...(await look(check)))
  }
  return { result: { kind: 'check', findings }, summary: summarise(findings) }
}

function summarise(findings: readonly CheckFinding[]): string {
  const left = findings.filter(({ mended }) => !mended).length
  if (findings.length === 0) {
    return 'All is as it should be.'
  }
  const mended = findings.length - left
  return `${count(findings.length, 'finding')}${mended > 0 ? `, ${mended} of them mended` : ''}.`
}

type Look = (check: Check) => Promise<CheckFinding[]>

async function database(check: Check): Promise<CheckFinding[]> {
  const { project, repair } = check
  const inspection = await inspectDatabase(project.folder)
  const { problems, references, searchIsWhole } = inspection
  const [problem] = problems
  if (problem !== undefined) {
    return [findingOf('database', failures.databaseDamaged({ problem }), false)]
  }
  const isWhole = references.length === 0 && searchIsWhole
  const keptIn = repair && !isWhole ? await repairAfterBackup(check, inspection) : null
  const broken = references.map(({ table, parent, rows }) =>
    findingOf(
      'references',
      keptIn === null
        ? failures.rowsAstray({ rows, table, parent })
        : failures.rowsTakenOut({ rows, table, parent, folder: keptIn }),
      repair,
    ),
  )
  return searchIsWhole ? broken : [...broken, findingOf('search', failures.searchAstray(), repair)]
}

/** Mends what needs no new database; returns the folder of rows that were taken out, null for none. */
async function repairAfterBackup(
  { project, context }: Check,
  inspection: Inspection,
): Promise<string | null> {
  await backUpBefore(project, 'before-repair', context)
  const { keptIn } = repairDatabase(project.folder, inspection)
  return keptIn === null ? null : basename(keptIn)
}

async function features({ project, repair, context }: Check): Promise<CheckFinding[]> {
  const damaged = await damagedFeatures(project, { key: null, thorough: true }, context)
  if (repair) {
    forgetDamaged(project, damaged)
  }
  const current = project.store.settings.get('featureSet')
  const isImported = ({ seal }: DamagedFeature): boolean => isOwnContent(seal.contentHash)
  const computed = damaged.filter((file) => !isImported(file))
  return [
    // What repairs computes these again; who wants those of another set has to say so.
    ...damageOf(
      computed.filter(({ seal }) => seal.key === current),
      repair,
    ),
    ...damageOf(
      computed.filter(({ seal }) => seal.key !== current),
      false,
    ),
    ...damageOf(damaged.filter(isImported), false),
  ]
}

/** What is said of damaged files: nothing where there are none. */
const damageOf = (damaged: readonly DamagedFeature[], mended: boolean): CheckFinding[] =>
  damaged.length === 0 ? [] : [findingOf('features', damageFailure(damaged), mended)]

async function models({ project }: Check): Promise<CheckFinding[]> {
  const usable = project.store.models.list().filter(({ state }) => state === 'ready' || state === 'proposed')
  const broken: Model[] = []
  for (const model of usable) {
    if (!(await isWhole(project, model))) {
      broken.push(model)
    }
  }
  return broken.map(({ id, folder }) =>
    findingOf('models', failures.modelCutShort({ modelId: id, folder }), false),
  )
}

/** Of another system's model there is a head where its neurons were interpreted, and nothing else. */
async function isWhole(project: OpenProject, model: Model): Promise<boolean> {
  const folder = modelFolder(project, model)
  if (isCaptioner(model)) {
    return hasWholeModel(folder)
  }
  return (
    model.neurons === null ||
    stat(join(folder, 'probe.safetensors')).then(
      () => true,
      () => false,
    )
  )
}

async function videos({ project, context }: Check): Promise<CheckFinding[]> {
  const gone: string[] = []
  for (const { name, path } of project.store.clips.all()) {
    if (context.signal.aborted) {
      throw new CancelledError()
    }
    if (path !== null && (await stat(absolutePath(project.folder, path)).catch(() => null)) === null) {
      gone.push(name)
    }
  }
  return gone.length === 0
    ? []
    : [findingOf('videos', failures.videosGone({ clips: gone.length, names: someOf(gone) }), false)]
}

async function leftovers({ project, repair }: Check): Promise<CheckFinding[]> {
  const { temporary, strays } = await findLeftovers(project)
  if (repair) {
    await removeLeftovers(project)
  }
  const sizes = (files: readonly { bytes: number }[]) => ({
    files: files.length,
    size: byteCount(files.reduce((sum, { bytes }) => sum + bytes, 0)),
  })
  const names = someOf(strays.map(({ path }) => path))
  return [
    ...(temporary.length === 0
      ? []
      : [findingOf('leftovers', failures.halfWritten(sizes(temporary)), repair)]),
    ...(strays.length === 0
      ? []
      : [findingOf('strays', failures.stray({ ...sizes(strays), names }), repair)]),
  ]
}

async function pictures({ project, repair }: Check): Promise<CheckFinding[]> {
  const empty: string[] = []
  for await (const { path, bytes } of projectFiles(project.folder)) {
    if (bytes === 0 && ['pictures', 'proxies'].includes(partOf(path))) {
      empty.push(path)
    }
  }
  if (empty.length === 0) {
    return []
  }
  if (repair) {
    await Promise.all(empty.map((path) => rm(join(project.folder, path), { force: true })))
  }
  return [findingOf('pictures', failures.picturesEmpty({ pictures: empty.length }), repair)]
}

async function backups({ project: { folder } }: Check): Promise<CheckFinding[]> {
  const findings: CheckFinding[] = []
  for (const { name, path } of listBackups(folder)) {
    if (!(await isSoundBackup(path))) {
      findings.push(findingOf('backups', failures.backupDamaged({ name }), false))
    }
  }
  return findings
}

/** What is looked at, in its order; the name of each is shown meanwhile. */
const LOOKS: readonly (readonly [string, Look])[] = [
  ['checking the database', database],
  ['checking feature files', features],
  ['checking models', models],
  ['checking videos', videos],
  ['checking for leftovers', leftovers],
  ['checking pictures', pictures],
  ['checking backups', backups],
]
