/** The lines of a caption file: which clip each is of, and which of them that has already. */
import type { Breathe } from '../../../common/breather.ts'
import { someOf } from '../../../common/text.ts'
import { cutClipNames, normalClipName, withoutMediaExtension } from '../../../formats/captions/clip-names.ts'
import type { CaptionEntry } from '../../../formats/captions/index.ts'
import { NO_ORIGIN } from '../../../store/index.ts'
import type { Bounds, CaptionOrigin } from '../../../store/index.ts'
import { failures } from '../failures.ts'
import { splitNamed } from '../split-files.ts'
import { matchLines } from './matching.ts'
import { meantClips } from './meant-clips.ts'
import { addVideosOfParts } from './known-parts.ts'
import { makeParts, noParts, notePart, onlyPart, partKey, secondsOf, waitingPart } from './parts.ts'
import type { NamedParts, PartClips } from './parts.ts'
import { addSubject, isPresent, newSubject, placeOf, subjectFinder, UNREADABLE } from './subjects.ts'
import type { Corpus, Findings, KnownClips, MeantClip, Planning, Request, Subject } from './subjects.ts'

/** Clips whose captions are read at once: with a hundred captions each a few milliseconds. */
const BATCH = 50

/** Gives lines to their clips. Throws BAD_INPUT for one that may be of several, and where all are of none. */
export async function assignLines(
  planning: Planning,
  {
    entries,
    known,
    corpus,
    findings,
  }: { entries: CaptionEntry[]; known: KnownClips; corpus: Corpus; findings: Findings },
): Promise<void> {
  const { request, breathe } = planning
  const file = findings.captionsFile ?? ''
  const subjectOf = subjectFinder(known, corpus, { named: true })
  const nameOf = cutNameFinder(known, corpus)
  const named = function* () {
    for (const entry of entries) {
      yield {
        name: nameOf(entry) ?? entry.clip,
        file: entry.file ?? file,
        place: `${findings.counts} ${entry.line}`,
      }
    }
  }
  const meant = await meantClips(named(), subjectOf, breathe)
  await addVideosOfParts(planning, meant, { known, corpus, findings })
  const originOf = originFinder()
  const clipOf = (entry: CaptionEntry): MeantClip => meant.get(nameOf(entry) ?? entry.clip) ?? null
  const boundsOf = (entry: CaptionEntry): Bounds | null => (nameOf(entry) === null ? partOf(entry) : null)
  const parts = await makeParts(planning, await namedParts(entries, { clipOf, boundsOf, breathe }), {
    known,
    corpus,
    findings,
  })
  const waiting: CaptionEntry[] = []
  let matched = 0
  for (const entry of entries) {
    const clip = clipOf(entry)
    if (clip === null) {
      waiting.push(entry)
    } else {
      const bounds = boundsOf(entry)
      const subject = partMeant(clip, bounds, parts)
      matched += Number(takeLine(entry, { subject, bounds, findings, originOf }))
    }
    await breathe()
  }
  dropUndescribed(corpus)
  // While no clip has a video, captions make clips; later a name that nothing has is rather a slip.
  if (request.videos === null && known.clips.every(({ path, undone }) => path === null || undone)) {
    await addCaptionClips(waiting, { corpus, known, breathe, originOf })
    return
  }
  if (matched === 0 && waiting.length > 0) {
    throw ofOtherClips({ request, corpus, known, file, names: waiting.map(({ clip }) => clip) })
  }
  for (const { clip, line } of waiting) {
    noteLine(findings.unmatched, clip, line)
    await breathe()
  }
}

/** Gives a line to what it is about; returns whether that takes captions. */
function takeLine(
  entry: CaptionEntry,
  {
    subject,
    bounds,
    findings,
    originOf,
  }: {
    subject: ReturnType<typeof partMeant>
    bounds: Bounds | null
    findings: Findings
    originOf: ReturnType<typeof originFinder>
  },
): boolean {
  if (subject === UNREADABLE) {
    findings.unreadableLines++
    return false
  }
  if (subject === null) {
    noteLine(findings.beyond, `${entry.clip} ${secondsOf(bounds!)}`, entry.line)
    return false
  }
  describe(subject, entry, originOf)
  return true
}

/**
 * What a clip is called that was cut out by the times of an entry; null: there is none. A part of a video is called so
 * too, and is found by its video where that is there.
 */
function cutNameFinder(known: KnownClips, corpus: Corpus): (entry: CaptionEntry) => string | null {
  const names = new Map<string, string | null>()
  const nameOf = (clip: string, { start, end }: Bounds): string | null => {
    const name = cutClipNames(clip, start, end).find((cut) => placeOf(cut, known, corpus).place !== null)
    if (name === undefined) {
      return null
    }
    const { video, place } = placeOf(name, known, corpus)
    const isPart = video === null && typeof place === 'number' && known.clips[place]!.start !== null
    return isPart && placeOf(clip, known, corpus).place !== null ? null : name
  }
  return ({ clip, start, end }) => {
    if (start === undefined || end === undefined) {
      return null
    }
    const key = `${clip} ${start} ${end}`
    let name = names.get(key)
    if (name === undefined) {
      name = nameOf(clip, { start, end })
      names.set(key, name)
    }
    return name
  }
}

/** The part of its clip that a line is of; null: all of it. */
const partOf = ({ start, end }: CaptionEntry): Bounds | null =>
  start === undefined || end === undefined ? null : { start, end }

/** What lines say of the clips that they are of. */
async function namedParts(
  entries: readonly CaptionEntry[],
  {
    clipOf,
    boundsOf,
    breathe,
  }: {
    clipOf: (entry: CaptionEntry) => MeantClip
    boundsOf: (entry: CaptionEntry) => Bounds | null
    breathe: Breathe
  },
): Promise<Map<Subject, NamedParts>> {
  const named = new Map<Subject, NamedParts>()
  for (const entry of entries) {
    const clip = clipOf(entry)
    if (clip !== null && clip !== UNREADABLE) {
      const parts = named.get(clip) ?? noParts()
      notePart(parts, boundsOf(entry))
      named.set(clip, parts)
    }
    await breathe()
  }
  return named
}

/** The clip that a line is of, or the part of it; null: there is none. */
function partMeant(clip: MeantClip, bounds: Bounds | null, parts: PartClips): MeantClip {
  const those = clip === null || clip === UNREADABLE ? undefined : parts.get(clip)
  const part = those === undefined || bounds === null ? undefined : those.get(partKey(bounds))
  return part === undefined ? clip : part
}

/** A new video of which parts alone are described is no clip itself. */
function dropUndescribed(corpus: Corpus): void {
  corpus.subjects = corpus.subjects.filter(
    (subject) => subject.known !== null || subject.lines.length > 0 || !corpus.partsOf.has(subject),
  )
}

function noteLine(lines: Map<string, number[]>, name: string, line: number): void {
  const those = lines.get(name) ?? []
  those.push(line)
  lines.set(name, those)
}

/** Gives a line to its clip. */
function describe(subject: Subject, entry: CaptionEntry, originOf: OriginFinder): void {
  const { caption, split, video } = entry
  subject.lines.push({ text: caption, origin: originOf(entry) })
  subject.fileSplit ??= split === undefined ? null : splitNamed(split)
  subject.source = video ?? subject.source
}

type OriginFinder = (entry: CaptionEntry) => CaptionOrigin

/** What entries say of how they came about: one object for all that say the same. */
function originFinder(): OriginFinder {
  const origins = new Map<string, CaptionOrigin>()
  return ({ language, author, source }) => {
    if (language === undefined && author === undefined && source === undefined) {
      return NO_ORIGIN
    }
    const key = JSON.stringify([language, author, source])
    const known = origins.get(key)
    if (known !== undefined) {
      return known
    }
    const origin = { language: language ?? null, author: author ?? null, source: source ?? null }
    origins.set(key, origin)
    return origin
  }
}

function ofOtherClips({
  request,
  corpus,
  known,
  file,
  names,
}: {
  request: Request
  corpus: Corpus
  known: KnownClips
  file: string
  names: readonly string[]
}) {
  const inFile = someOf([...new Set(names)])
  return request.videos === null
    ? failures.captionsOfUnknownClips({
        file,
        inFile,
        inProject: someOf(known.clips.slice(0, 4).map(({ name }) => name)),
      })
    : failures.captionsOfOtherClips({
        file,
        folder: request.videos,
        inFile,
        inFolder: someOf(corpus.videoNames),
      })
}

/** A new clip for each name in the captions, called as its video would be. */
async function addCaptionClips(
  entries: readonly CaptionEntry[],
  {
    corpus,
    known,
    breathe,
    originOf,
  }: { corpus: Corpus; known: KnownClips; breathe: Breathe; originOf: OriginFinder },
): Promise<void> {
  const nameOf = await captionNames(entries, known.names, breathe)
  const named = new Map<string, NamedParts>()
  for (const entry of entries) {
    const name = nameOf(entry)
    const parts = named.get(name) ?? noParts()
    notePart(parts, partOf(entry))
    named.set(name, parts)
    await breathe()
  }
  const byName = new Map<string, Subject>()
  const clipOf = (name: string): Subject => {
    const subject = byName.get(name) ?? newSubject(null, name)
    if (!byName.has(name)) {
      byName.set(name, subject)
      addSubject(corpus, subject)
    }
    return subject
  }
  for (const entry of entries) {
    const name = nameOf(entry)
    const bounds = onlyPart(named.get(name)!) === null ? partOf(entry) : null
    describe(bounds === null ? clipOf(name) : waitingPart(name, bounds, { known, corpus }), entry, originOf)
    await breathe()
  }
}

/** What the clip of a line is called that captions alone make: v1.mp4 and v1.mkv are two, v1.mp4 and v1 are one. */
async function captionNames(
  entries: readonly CaptionEntry[],
  taken: ReadonlySet<string>,
  breathe: Breathe,
): Promise<(entry: CaptionEntry) => string> {
  const spellings = new Map<string, Set<string>>()
  for (const entry of entries) {
    const clip = normalClipName(entry.clip)
    const stem = withoutMediaExtension(clip)
    const those = spellings.get(stem) ?? new Set()
    spellings.set(stem, those.add(clip))
    await breathe()
  }
  return (entry) => {
    const clip = normalClipName(entry.clip)
    const stem = withoutMediaExtension(clip)
    const files = [...spellings.get(stem)!].filter((spelling) => spelling !== stem)
    return files.length <= 1 && !taken.has(stem) ? stem : clip
  }
}

/** Finds which lines the clips have already. */
export async function matchCaptions(
  { project: { store }, breathe }: Planning,
  subjects: Subject[],
): Promise<void> {
  for (let from = 0; from < subjects.length; from += BATCH) {
    const batch = subjects.slice(from, from + BATCH)
    const known = store.captions.known(
      batch.flatMap((subject) =>
        subject.known === null || subject.lines.length === 0 ? [] : [subject.known.id],
      ),
    )
    for (const subject of batch) {
      // A clip that a person removed stays as it was left.
      if (isPresent(subject)) {
        Object.assign(subject, matchLines(subject.lines, known.get(subject.known?.id ?? 0) ?? []))
      }
      subject.lines = []
      await breathe()
    }
  }
}
