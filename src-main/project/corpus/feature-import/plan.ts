/**
 * What an import of features would do, without doing it: the headers of all files are read, their names held against
 * those of the clips, and what belongs to a clip must fit. The preview shows the plan, and the import carries it out.
 */
import { randomUUID } from 'node:crypto'
import { basename } from 'node:path'
import type * as z from 'zod'
import type { FeatureImportReport, featureImportRequest } from '#contract'
import { breather } from '../../../common/breather.ts'
import { count, someOf } from '../../../common/text.ts'
import { checkHeaders, framesAndSize } from '../../../formats/features/check.ts'
import type { FoundFeatures } from '../../../engine-host/contract/index.ts'
import type { JobContext } from '../../../jobs/index.ts'
import type { FeatureSet, OpenProject } from '../../../store/index.ts'
import { engineOptions } from '../../workspace.ts'
import type { Workspace } from '../../workspace.ts'
import { clipFinder } from '../clip-finder.ts'
import { failures } from '../failures.ts'

export type FeatureImport = z.output<typeof featureImportRequest>

/** Names that a report lists. */
const LISTED = 100
/** Digits of a set's key. */
const KEY_DIGITS = 12

export interface FeatureImportPlan {
  key: string
  title: string
  /** Features of clips that have none in the set yet. */
  wanted: { clipId: number; features: FoundFeatures }[]
  /** Of the set, with what comes to it. */
  frames: number
  dimension: number
  /** As many frames are taken of a clip at most; null: all. */
  limit: number | null
  report: FeatureImportReport
}

/** Throws BAD_INPUT for anything wrong in the files, and where none of it is of a clip of the project. */
export async function planFeatureImport(
  workspace: Workspace,
  project: OpenProject,
  { request, context }: { request: FeatureImport; context: JobContext },
): Promise<FeatureImportPlan> {
  const title = request.title ?? basename(request.path)
  const known = knownSet(project, title)
  const { features } = await workspace.engine.call(
    'features.find',
    { path: request.path, array: request.array },
    engineOptions(context),
  )
  const matched = await matchClips(project, { features, mapping: request.names, context })
  if (matched.byClip.size === 0) {
    throw noneMatches(project, request.path, features)
  }
  const limit = frameLimit(request, known)
  const dimension = checkHeaders([...matched.byClip.values()], { frames: limit })
  if (known !== null && known.dimension !== dimension) {
    throw failures.featuresOfOtherSize({ path: request.path, size: dimension, title, known: known.dimension })
  }
  const there = new Set(
    known === null ? [] : project.store.features.paths(known.key).map(({ clipId }) => clipId),
  )
  const wanted = [...matched.byClip]
    .filter(([clipId]) => !there.has(clipId))
    .map(([clipId, found]) => ({ clipId, features: found }))
  const frames = framesOf(
    wanted.map((one) => one.features),
    limit,
  )
  return {
    key: known?.key ?? `imported-${randomUUID().replaceAll('-', '').slice(0, KEY_DIGITS)}`,
    title,
    wanted,
    frames: Math.max(known?.frames ?? 0, frames.most),
    dimension,
    limit,
    report: reportOf(project, { title, known, matched, wanted, there, frames, dimension }),
  }
}

/** The set that an import of this title adds to; null: it makes one. Throws CONFLICT where one of another origin has it. */
function knownSet({ store }: OpenProject, title: string): FeatureSet | null {
  const set = store.featureSets.list().find((one) => one.title === title) ?? null
  if (set !== null && set.origin.kind !== 'imported') {
    throw failures.featureTitleTaken({ title })
  }
  return set
}

/** A model that was trained on a set takes no more frames of a clip than the set had. */
function frameLimit({ frames }: FeatureImport, known: FeatureSet | null): number | null {
  return known === null ? frames : Math.min(frames ?? Infinity, known.frames)
}

interface Matched {
  byClip: Map<number, FoundFeatures>
  unmatched: string[]
}

interface Matching {
  features: readonly FoundFeatures[]
  mapping: string | null
  context: JobContext
}

/** The features of each clip. Throws BAD_INPUT for a name that could be several clips, and for two of one clip. */
async function matchClips(project: OpenProject, { features, mapping, context }: Matching): Promise<Matched> {
  const breathe = breather(context.signal)
  const find = await clipFinder(project, { mapping, breathe })
  const matched: Matched = { byClip: new Map(), unmatched: [] }
  for (const found of features) {
    await breathe()
    const clip = find(found.names)
    if (clip === null) {
      matched.unmatched.push(found.names[0] ?? '')
      continue
    }
    if (clip === 'ambiguous') {
      throw failures.featuresAmbiguous({ file: found.file, name: found.names[0] ?? '' })
    }
    const { id, name } = clip
    const earlier = matched.byClip.get(id)
    if (earlier !== undefined) {
      throw failures.featuresTwice({ clip: name, first: placeText(earlier), second: placeText(found) })
    }
    matched.byClip.set(id, found)
  }
  return matched
}

/** Where features are, in words. */
const placeText = ({ file, key, names }: FoundFeatures): string =>
  key === '' ? file : `"${names[0] ?? key}" in ${file}`

function noneMatches({ store }: OpenProject, path: string, features: readonly FoundFeatures[]) {
  const clips = store.clips.all().map(({ name }) => name)
  return clips.length === 0
    ? failures.featuresWithoutClips({ path })
    : failures.featuresOfOtherClips({
        path,
        inFiles: someOf(features.map(({ names }) => names[0] ?? '')),
        inProject: someOf(clips),
      })
}

/** The least and most frames that are taken of a clip. */
function framesOf(features: readonly FoundFeatures[], limit: number | null): { least: number; most: number } {
  const frames = features.map((found) => Math.min(framesAndSize(found).frames, limit ?? Infinity))
  return frames.length === 0
    ? { least: 0, most: 0 }
    : frames.reduce((range, n) => ({ least: Math.min(range.least, n), most: Math.max(range.most, n) }), {
        least: Infinity,
        most: 0,
      })
}

interface Found {
  title: string
  known: FeatureSet | null
  matched: Matched
  wanted: FeatureImportPlan['wanted']
  there: ReadonlySet<number>
  frames: { least: number; most: number }
  dimension: number
}

function reportOf(
  { store }: OpenProject,
  { title, known, matched, wanted, there, frames, dimension }: Found,
): FeatureImportReport {
  const without = store.clips
    .all()
    .filter(({ id }) => !matched.byClip.has(id) && !there.has(id))
    .map(({ name }) => name)
  const figures = {
    title,
    isKnown: known !== null,
    added: wanted.length,
    kept: matched.byClip.size - wanted.length,
    frames,
    dimension,
    withTimes: wanted.filter(({ features }) => features.times !== null).length,
    unmatched: matched.unmatched.length,
    without: without.length,
  }
  return {
    ...figures,
    sentence: sentenceOf(figures),
    notices: noticesOf(figures, matched.unmatched, without),
    details: [
      {
        title: 'Called as no clip',
        total: matched.unmatched.length,
        lines: matched.unmatched.slice(0, LISTED),
      },
      { title: 'Clips without features', total: without.length, lines: without.slice(0, LISTED) },
    ].filter(({ total }) => total > 0),
  }
}

type Figures = Omit<FeatureImportReport, 'sentence' | 'notices' | 'details'>

function sentenceOf({ added, kept, frames, dimension }: Figures): string {
  const range = frames.least === frames.most ? String(frames.most) : `${frames.least} to ${frames.most}`
  const frameCount = `${range} ${frames.most === 1 ? 'frame' : 'frames'} of ${count(dimension, 'value')}`
  const news =
    added === 0
      ? 'features of no clip that has none yet'
      : `features of ${count(added, 'clip')}, ${frameCount}`
  return kept === 0 ? news : `${news}; ${count(kept, 'clip')} had theirs already`
}

function noticesOf(
  { isKnown, title }: Figures,
  unmatched: readonly string[],
  without: readonly string[],
): string[] {
  return [
    ...(isKnown ? [`They come to the features that are called ${title}.`] : []),
    ...(unmatched.length === 0 ? [] : [`No clip is called ${someOf(unmatched)}.`]),
    ...(without.length === 0
      ? []
      : [`${count(without.length, 'clip')} stay without features: ${someOf(without)}.`]),
  ]
}
