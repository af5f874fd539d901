/**
 * What an import would do, without doing it: everything is read first (the caption file, the folder and its
 * subfolders, every clip, the split file) and held against what the project has. The preview shows the plan,
 * and the import carries it out: they are one. Clips that can't be read are left out and named, captions of
 * clips that aren't there likewise, unless none matches.
 */
import { basename } from 'node:path'
import type { ImportReport } from '#contract'
import { breather } from '../../../common/breather.ts'
import type { Breathe } from '../../../common/breather.ts'
import { nameIndex } from '../../../formats/captions/clip-names.ts'
import { parseColumns } from '../../../formats/captions/columns.ts'
import { captionFormatTitle } from '../../../formats/captions/index.ts'
import { EVERY_LANGUAGE } from '../../../formats/captions/languages.ts'
import type { LoadedCaptions } from '../../../formats/captions/load.ts'
import { readCaptions } from '../../../formats/captions/read.ts'
import type { JobContext } from '../../../jobs/index.ts'
import { fileHashOf, NO_MEDIA } from '../../../store/index.ts'
import type {
  ClipMedia,
  ImportedClip,
  KnownClip,
  KnownClipChange,
  OpenProject,
} from '../../../store/index.ts'
import { readSplits } from '../split-files.ts'
import { readFolder } from './folder.ts'
import { noteLanguages } from './languages.ts'
import { assignLines, matchCaptions } from './lines.ts'
import type { MediaReader } from './media.ts'
import { reportOf } from './report.ts'
import { chooseSplits } from './splitting.ts'
import { contentOf, isPresent, kindOf, splitAfter } from './subjects.ts'
import type { Findings, KnownClips, PlacedClip, Planning, Request, Subject } from './subjects.ts'

const MEDIA_FIELDS = Object.keys(NO_MEDIA) as (keyof ClipMedia)[]

/** Clips whose rows are read at once. */
const BATCH = 500

export interface ImportPlan {
  /** Of the imports that it was planned on: see `imports.version`. */
  version: string
  added: ImportedClip[]
  changes: KnownClipChange[]
  /** The language that the project works in from then on; null: as before. */
  language: string | null
  report: ImportReport
}

/** Throws BAD_INPUT for anything wrong in the files. */
export async function planImport(
  project: OpenProject,
  request: Request,
  { media, captionWorker, context }: { media: MediaReader; captionWorker: string; context: JobContext },
): Promise<ImportPlan> {
  const planning: Planning = { project, request, media, context, breathe: breather(context.signal) }
  const version = project.store.imports.version()
  context.progress({ phase: 'reading captions', done: 0, total: null, unit: 'captions' })
  // The entries are a list that is emptied: a million of them are let go of once their lines are with their clips.
  const { entries, ...read } = await captionsOf(request, captionWorker, context)
  const known = await readKnown(planning)
  const findings: Findings = {
    captionsFile: request.captions && basename(request.captions),
    captionFormat: read.format === '' ? null : captionFormatTitle(read.format),
    counts: read.counts,
    captionNotices: read.notices,
    splitFile: typeof request.split === 'string' ? basename(request.split) : null,
    unmatched: new Map(),
    unreadable: [],
    guessedFrames: [],
    ofVideos: [],
    cutParts: [],
    wholeByTimes: [],
    beyond: new Map(),
    damaged: [],
    unreadableLines: 0,
    elsewhere: [],
    unknownInSplit: [],
    sameContent: [],
    languages: new Map(),
    working: null,
  }
  const names = await namesOfSplits(request)
  for (const { clip } of entries) {
    names.add(clip)
    await planning.breathe()
  }
  const corpus = await readFolder(planning, { known, names, findings })
  await assignLines(planning, { entries, known, corpus, findings })
  entries.length = 0
  await matchCaptions(planning, corpus.subjects)
  await chooseSplits(planning, { known, corpus, findings })
  findings.sameContent = await sameContent(known, corpus.subjects, planning.breathe)
  const language = await noteLanguages(planning, corpus.subjects, findings)
  return { version, language, ...(await outcomeOf(corpus.subjects, findings, planning.breathe)) }
}

async function captionsOf(
  { captions, format, columns, language }: Request,
  worker: string,
  { signal }: JobContext,
): Promise<LoadedCaptions> {
  if (captions === null) {
    return { format: '', counts: 'line', entries: [], notices: [] }
  }
  const choice = {
    format,
    columns: columns === null ? {} : parseColumns(columns),
    language: language ?? EVERY_LANGUAGE,
  }
  return readCaptions({ path: captions, choice }, { worker, signal })
}

/** What a file of splits calls clips that lie in a folder. Throws BAD_INPUT for a wrong file. */
const namesOfSplits = async ({ videos, split }: Request): Promise<Set<string>> =>
  new Set(
    videos === null || typeof split !== 'string' ? [] : (await readSplits(split)).map(({ clip }) => clip),
  )

async function readKnown({ project: { store }, breathe }: Planning): Promise<KnownClips> {
  // A name means a clip of an undone import only where it means no other.
  const [seen, undone] = [nameIndex(), nameIndex()]
  const find = (name: string) => seen.find(name) ?? undone.find(name)
  const known: KnownClips = { clips: [], index: { find }, names: new Set(), byContent: new Map() }
  let page = store.clips.known(0, BATCH)
  while (page.length > 0) {
    for (const clip of page) {
      const index = clip.undone ? undone : seen
      index.add({ name: clip.name, path: clip.path ?? clip.name }, known.clips.length)
      known.clips.push(clip)
      known.names.add(clip.name)
      if (clip.contentHash !== null && clip.problem === null) {
        known.byContent.set(clip.contentHash, clip)
      }
    }
    await breathe()
    page = store.clips.known(page.at(-1)!.id, BATCH)
  }
  return known
}

/** Clips of one file in several splits, and clips of the same content; of which one at least is new, or has it newly. */
async function sameContent(
  known: KnownClips,
  subjects: readonly Subject[],
  breathe: Breathe,
): Promise<Findings['sameContent']> {
  const fresh = new Set<string>()
  const groups = new Map<string, PlacedClip[]>()
  const touched = new Set<number>()
  const add = (clip: PlacedClip): void => {
    const file = fileHashOf(clip.content)
    const group = groups.get(file) ?? []
    group.push(clip)
    groups.set(file, group)
  }
  for (const subject of subjects) {
    const content = contentOf(subject)
    if (isPresent(subject) && content !== null) {
      const kind = kindOf(subject.media ?? subject.known)
      add({ name: subject.name, split: splitAfter(subject), content, kind })
    }
    if (
      content !== null &&
      (subject.known === null || content !== subject.known.contentHash || subject.split !== null)
    ) {
      fresh.add(fileHashOf(content))
    }
    if (subject.known !== null) {
      touched.add(subject.known.id)
    }
    await breathe()
  }
  for (const clip of known.clips) {
    if (
      !touched.has(clip.id) &&
      !clip.removed &&
      !clip.undone &&
      clip.contentHash !== null &&
      fresh.has(fileHashOf(clip.contentHash))
    ) {
      add({ name: clip.name, split: clip.split, content: clip.contentHash, kind: kindOf(clip) })
    }
    await breathe()
  }
  return [...groups].flatMap(([file, clips]) => (fresh.has(file) && clips.length > 1 ? sharing(clips) : []))
}

/** All clips of a file where they are in several splits, which shows one what others are tested on; else the copies. */
function sharing(clips: readonly PlacedClip[]): PlacedClip[][] {
  if (new Set(clips.map(({ split }) => split)).size > 1) {
    return [[...clips]]
  }
  return [...Map.groupBy(clips, ({ content }) => content).values()].filter(({ length }) => length > 1)
}

async function outcomeOf(
  subjects: readonly Subject[],
  findings: Findings,
  breathe: Breathe,
): Promise<Omit<ImportPlan, 'version' | 'language'>> {
  const added: ImportedClip[] = []
  const changes: KnownClipChange[] = []
  for (const subject of subjects) {
    if (subject.known === null) {
      added.push({
        ...(subject.media ?? { ...NO_MEDIA, ...subject.bounds }),
        name: subject.name,
        split: splitAfter(subject),
        captions: subject.added,
      })
    } else {
      const change = changeOf(subject, subject.known)
      if (change !== null) {
        changes.push(change)
      }
    }
    await breathe()
  }
  return { added, changes, report: await reportOf(subjects, findings, breathe) }
}

/** What becomes of a known clip; null: nothing. */
function changeOf(subject: Subject, known: KnownClip): KnownClipChange | null {
  const media = mediaChange(subject, known)
  const split =
    subject.split === null || subject.split === known.split
      ? null
      : { before: known.split, after: subject.split }
  const { added: captions, returning } = subject
  if (media === null && split === null && !known.undone && captions.length === 0 && returning.length === 0) {
    return null
  }
  return {
    clipId: known.id,
    media,
    split,
    returns: known.undone,
    returningCaptions: returning.map(({ id }) => id),
    captions,
  }
}

function mediaChange({ media }: Subject, known: KnownClip): KnownClipChange['media'] {
  if (media === null) {
    return null
  }
  const before = mediaOf(known)
  const after = mediaOf(media)
  if (before.contentHash === after.contentHash) {
    // Where a file lies, and that it can be read, is so whatever people undo.
    const isSame = before.path === after.path && before.problem === after.problem
    return isSame ? null : { before: after, after }
  }
  return { before, after }
}

/** The facts of a clip's media alone. */
const mediaOf = (clip: ClipMedia): ClipMedia =>
  Object.fromEntries(MEDIA_FIELDS.map((field) => [field, clip[field]])) as unknown as ClipMedia
