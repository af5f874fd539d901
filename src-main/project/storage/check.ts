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
    return [
      {
        part: 'database',
        message: `The project file project.sqlite is damaged: ${problem}.`,
        mended: false,
        remedy:
          'Close the project, then "vitrine check PROJECT --repair" saves what can be read; or restore a backup.',
      },
    ]
  }
  const isWhole = references.length === 0 && searchIsWhole
  const keptIn = repair && !isWhole ? await repairAfterBackup(check, inspection) : null
  const where = keptIn === null ? '' : ` They are in ${keptIn}/lost-rows.jsonl now.`
  const broken = references.map(({ table, parent, rows }): CheckFinding => ({
    part: 'references',
    message: `${count(rows, 'row')} of ${table} ${rows === 1 ? 'refers' : 'refer'} to rows of ${parent} that aren’t there.${where}`,
    mended: repair,
    remedy: repair
      ? null
      : 'Repair takes them out, into a file beside the database; a backup is made before.',
  }))
  if (searchIsWhole) {
    return broken
  }
  return [
    ...broken,
    {
      part: 'search',
      message: 'The index of the search is not that of the captions.',
      mended: repair,
      remedy: repair ? null : 'Repair builds it anew.',
    },
  ]
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
    ...findingOf(computed.filter(({ seal }) => seal.key === current)).map((one) => ({
      ...one,
      mended: repair,
    })),
    ...findingOf(computed.filter(({ seal }) => seal.key !== current)),
    ...findingOf(damaged.filter(isImported)),
  ]
}

/** What is said of damaged files: nothing where there are none. */
function findingOf(damaged: readonly DamagedFeature[]): CheckFinding[] {
  if (damaged.length === 0) {
    return []
  }
  const { message, remedy } = damageFailure(damaged)
  return [{ part: 'features', message, mended: false, remedy }]
}

async function models({ project }: Check): Promise<CheckFinding[]> {
  const usable = project.store.models.list().filter(({ state }) => state === 'ready' || state === 'proposed')
  const broken: Model[] = []
  for (const model of usable) {
    if (!(await isWhole(project, model))) {
      broken.push(model)
    }
  }
  return broken.map(({ id, folder }) => ({
    part: 'models',
    message: `The files of model ${id} in ${folder} are gone or cut short.`,
    mended: false,
    remedy: 'Bring the folder back from a copy of the project, or delete the model and train it again.',
  }))
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
  if (gone.length === 0) {
    return []
  }
  return [
    {
      part: 'videos',
      message: `The videos of ${count(gone.length, 'clip')} are not where they were: ${someOf(gone)}.`,
      mended: false,
      remedy: 'Bring them back, or import them from where they are now.',
    },
  ]
}

async function leftovers({ project, repair }: Check): Promise<CheckFinding[]> {
  const { temporary, strays } = await findLeftovers(project)
  if (repair) {
    await removeLeftovers(project)
  }
  const remedy = repair ? null : 'Repair removes them.'
  const size = (files: readonly { bytes: number }[]): string =>
    byteCount(files.reduce((sum, { bytes }) => sum + bytes, 0))
  const found: CheckFinding[] = []
  if (temporary.length > 0) {
    found.push({
      part: 'leftovers',
      message: `${count(temporary.length, 'file')} (${size(temporary)}) were left half written by a program that was killed.`,
      mended: repair,
      remedy,
    })
  }
  if (strays.length > 0) {
    found.push({
      part: 'strays',
      message: `${count(strays.length, 'file')} (${size(strays)}) belong to nothing in the project or its backups: ${someOf(strays.map(({ path }) => path))}.`,
      mended: repair,
      remedy,
    })
  }
  return found
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
  return [
    {
      part: 'pictures',
      message: `${count(empty.length, 'picture')} for the window ${empty.length === 1 ? 'is' : 'are'} empty.`,
      mended: repair,
      remedy: repair ? null : 'Repair removes them; they are made again when they are looked at.',
    },
  ]
}

async function backups({ project: { folder } }: Check): Promise<CheckFinding[]> {
  const findings: CheckFinding[] = []
  for (const { name, path } of listBackups(folder)) {
    if (!(await isSoundBackup(path))) {
      findings.push({
        part: 'backups',
        message: `The backup ${name} is damaged.`,
        mended: false,
        remedy: 'Remove it, and make a new one.',
      })
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
