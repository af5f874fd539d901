/**
 * What an import of another system's model would do, without doing it: the captions are read, and each is held against the
 * clips of the project. The preview shows the plan, and the import carries it out.
 */
import { basename } from 'node:path'
import type * as z from 'zod'
import type { modelImportRequest, ModelImportReport, Split } from '#contract'
import { breather } from '../../../common/breather.ts'
import { count, someOf } from '../../../common/text.ts'
import { cutClipNames } from '../../../formats/captions/clip-names.ts'
import { parseColumns } from '../../../formats/captions/columns.ts'
import { captionFormatTitle } from '../../../formats/captions/index.ts'
import type { CaptionEntry } from '../../../formats/captions/index.ts'
import { EVERY_LANGUAGE } from '../../../formats/captions/languages.ts'
import type { LoadedCaptions } from '../../../formats/captions/load.ts'
import { readCaptions } from '../../../formats/captions/read.ts'
import type { JobContext } from '../../../jobs/index.ts'
import type { Clip, OpenProject } from '../../../store/index.ts'
import { planFeatureImport } from '../../corpus/feature-import/plan.ts'
import type { FeatureImportPlan } from '../../corpus/feature-import/plan.ts'
import { clipFinder } from '../../corpus/clip-finder.ts'
import type { Workspace } from '../../workspace.ts'
import { failures } from '../failures.ts'

export type ModelImport = z.output<typeof modelImportRequest>

/** Lines that a report lists. */
const LISTED = 100
/** Of a clip that has more, as many are taken, evenly spread. */
const MOST_FRAMES = 128

export interface ExternalCaption {
  clip: Clip
  caption: string
  score: number | null
}

export interface ModelImportPlan {
  /** One of each clip, in the order of the file. */
  captions: ExternalCaption[]
  /** Null: none came along. */
  activations: FeatureImportPlan | null
  report: ModelImportReport
}

/** Throws BAD_INPUT for anything wrong in the files, and where no caption is of a clip of the project. */
export async function planModelImport(
  workspace: Workspace,
  project: OpenProject,
  { request, context }: { request: ModelImport; context: JobContext },
): Promise<ModelImportPlan> {
  context.progress({ phase: 'reading captions', done: 0, total: null, unit: 'captions' })
  const { path, format, columns } = request
  const loaded = await readCaptions(
    {
      path,
      choice: {
        ...(format === null ? {} : { format }),
        ...(columns === null ? {} : { columns: parseColumns(columns) }),
        language: EVERY_LANGUAGE,
        allowEmpty: true,
      },
    },
    { worker: workspace.captionWorker, signal: context.signal },
  )
  const matched = await matchCaptions(project, { loaded, request, context })
  const activations = await planActivations(workspace, project, { request, context })
  const report = reportOf(project, { request, loaded, matched, activations })
  return { captions: matched.captions, activations, report }
}

/** Activations are read as features are, into a set of their own. */
async function planActivations(
  workspace: Workspace,
  project: OpenProject,
  {
    request: { activations: path, name, names, array },
    context,
  }: { request: ModelImport; context: JobContext },
): Promise<FeatureImportPlan | null> {
  if (path === null) {
    return null
  }
  const title = `activations of ${name}, ${new Date().toISOString()}`
  return planFeatureImport(workspace, project, {
    request: { path, title, array, names, frames: MOST_FRAMES },
    context,
  })
}

interface Matched {
  captions: ExternalCaption[]
  /** What the file says of no clip. */
  unmatched: { name: string; place: string }[]
}

/** The caption of each clip. Throws BAD_INPUT naming the line, and where none is of a clip of the project. */
async function matchCaptions(
  project: OpenProject,
  { loaded, request, context }: { loaded: LoadedCaptions; request: ModelImport; context: JobContext },
): Promise<Matched> {
  const breathe = breather(context.signal)
  const find = await clipFinder(project, { mapping: request.names, breathe })
  const captions = new Map<number, ExternalCaption & { place: string }>()
  const unmatched: Matched['unmatched'] = []
  for (const entry of loaded.entries) {
    await breathe()
    const [file, place] = [entry.file ?? basename(request.path), `${loaded.counts} ${entry.line}`]
    const clip = find(namesOf(entry))
    if (clip === null) {
      unmatched.push({ name: entry.clip, place: `${file} ${place}` })
      continue
    }
    if (clip === 'ambiguous') {
      throw failures.captionAmbiguous({ file, place, clip: entry.clip })
    }
    const earlier = captions.get(clip.id)
    if (earlier !== undefined) {
      throw failures.captionTwice({ file, place, clip: clip.name, earlier: earlier.place })
    }
    const score = scoreOf(entry, { file, place })
    captions.set(clip.id, { clip, caption: entry.caption, score, place })
  }
  if (captions.size === 0) {
    throw noneMatches(project, request, unmatched)
  }
  return { captions: [...captions.values()].map(({ place: _, ...caption }) => caption), unmatched }
}

/** What a clip may be called that an entry is of: a part of a video has names of its own. */
function namesOf({ clip, id, start, end }: CaptionEntry): string[] {
  const cut = start === undefined || end === undefined ? [] : cutClipNames(clip, start, end)
  return [...cut, clip, ...(id === undefined ? [] : [id])]
}

/** Throws BAD_INPUT for what is no number. */
function scoreOf({ score }: CaptionEntry, at: { file: string; place: string }): number | null {
  if (score === undefined) {
    return null
  }
  if (!Number.isFinite(Number(score))) {
    throw failures.scoreUnreadable({ ...at, score })
  }
  return Number(score)
}

function noneMatches({ store }: OpenProject, { path }: ModelImport, unmatched: Matched['unmatched']) {
  const clips = store.clips.all().map(({ name }) => name)
  return clips.length === 0
    ? failures.captionsWithoutClips({ file: basename(path) })
    : failures.captionsOfOtherClips({
        file: basename(path),
        inFile: someOf(unmatched.map(({ name }) => name)),
        inProject: someOf(clips),
      })
}

function reportOf(
  { store }: OpenProject,
  {
    request,
    loaded,
    matched: { captions, unmatched },
    activations,
  }: {
    request: ModelImport
    loaded: LoadedCaptions
    matched: Matched
    activations: FeatureImportPlan | null
  },
): ModelImportReport {
  const captioned = new Set(captions.map(({ clip }) => clip.id))
  const without = store.clips
    .all()
    .filter(({ id }) => !captioned.has(id))
    .map(({ name }) => name)
  const inSplit = (split: Split): number => captions.filter(({ clip }) => clip.split === split).length
  const splits = { train: inSplit('train'), val: inSplit('val'), test: inSplit('test') }
  const places = unmatched.map(({ name, place }) => `${place}: ${name}`)
  return {
    sentence: `captions of ${count(captions.length, 'clip')} by ${request.name}: ${splits.train} train, ${splits.val} val, ${splits.test} test`,
    name: request.name,
    captionFormat: captionFormatTitle(loaded.format),
    captions: captions.length,
    splits,
    scored: captions.filter(({ score }) => score !== null).length,
    unmatched: unmatched.length,
    without: without.length,
    activations: activations && { clips: activations.report.added, neurons: activations.dimension },
    notices: [
      ...loaded.notices,
      ...(unmatched.length === 0
        ? []
        : [`No clip is called ${someOf(unmatched.map(({ name, place }) => `${name} (${place})`))}.`]),
      ...(without.length === 0
        ? []
        : [`${count(without.length, 'clip')} stay without a caption of it: ${someOf(without)}.`]),
      ...activationNotices(activations),
    ],
    details: [
      { title: 'Of no clip', total: places.length, lines: places.slice(0, LISTED) },
      { title: 'Clips without a caption', total: without.length, lines: without.slice(0, LISTED) },
      ...(activations?.report.details ?? []).map((list) => ({
        ...list,
        title: `Activations: ${list.title.toLowerCase()}`,
      })),
    ].filter(({ total }) => total > 0),
  }
}

function activationNotices(activations: FeatureImportPlan | null): string[] {
  if (activations === null) {
    return []
  }
  const { added, unmatched, without } = activations.report
  return [
    `Activations of ${count(added, 'clip')}, ${count(activations.dimension, 'neuron')}.`,
    ...(unmatched === 0 ? [] : [`${count(unmatched, 'array')} of activations are of no clip.`]),
    ...(without === 0 ? [] : [`${count(without, 'clip')} stay without activations.`]),
  ]
}
