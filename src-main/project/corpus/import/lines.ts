/** The lines of a caption file: which clip each is of, and which of them that has already. */
import type { Breathe } from '../../../common/breather.ts'
import { someOf } from '../../../common/text.ts'
import { cutClipNames, normalClipName, withoutMediaExtension } from '../../../formats/captions/clip-names.ts'
import type { CaptionEntry } from '../../../formats/captions/index.ts'
import { NO_ORIGIN } from '../../../store/index.ts'
import type { CaptionOrigin } from '../../../store/index.ts'
import { failures } from '../failures.ts'
import { splitNamed } from '../split-files.ts'
import { matchLines } from './matching.ts'
import { meantClips } from './meant-clips.ts'
import { addSubject, isPresent, newSubject, placeOf, subjectFinder, UNREADABLE } from './subjects.ts'
import type { Corpus, Findings, KnownClips, Planning, Request, Subject } from './subjects.ts'

/** Clips whose captions are read at once: with a hundred captions each a few milliseconds. */
const BATCH = 50

/** Gives lines to their clips. Throws BAD_INPUT for one that may be of several, and where all are of none. */
export async function assignLines(
  { request, breathe }: Planning,
  {
    entries,
    known,
    corpus,
    findings,
  }: { entries: CaptionEntry[]; known: KnownClips; corpus: Corpus; findings: Findings },
): Promise<void> {
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
  const originOf = originFinder()
  const waiting: CaptionEntry[] = []
  let matched = 0
  for (const entry of entries) {
    const cut = nameOf(entry)
    const subject = meant.get(cut ?? entry.clip) ?? null
    if (subject === null) {
      waiting.push(entry)
    } else if (subject === UNREADABLE) {
      findings.unreadableLines++
    } else {
      describe(subject, cut === null ? entry : withoutBounds(entry), { file, originOf })
      matched++
    }
    await breathe()
  }
  // While no clip has a video, captions make clips; later a name that nothing has is rather a slip.
  if (request.videos === null && known.clips.every(({ path, undone }) => path === null || undone)) {
    await addCaptionClips(waiting, { corpus, taken: known.names, breathe, file, originOf })
    return
  }
  if (matched === 0 && waiting.length > 0) {
    throw ofOtherClips({ request, corpus, known, file, names: waiting.map(({ clip }) => clip) })
  }
  for (const { clip, line } of waiting) {
    const lines = findings.unmatched.get(clip) ?? []
    lines.push(line)
    findings.unmatched.set(clip, lines)
    await breathe()
  }
}

/** What a clip is called that was cut out by the times of an entry; null: there is none. */
function cutNameFinder(known: KnownClips, corpus: Corpus): (entry: CaptionEntry) => string | null {
  const names = new Map<string, string | null>()
  const isThere = (name: string): boolean => placeOf(name, known, corpus).place !== null
  return ({ clip, start, end }) => {
    if (start === undefined || end === undefined) {
      return null
    }
    const key = `${clip} ${start} ${end}`
    let name = names.get(key)
    if (name === undefined) {
      name = cutClipNames(clip, start, end).find(isThere) ?? null
      names.set(key, name)
    }
    return name
  }
}

const withoutBounds = ({ start: _start, end: _end, ...entry }: CaptionEntry): CaptionEntry => entry

/** Gives a line to its clip. Throws BAD_INPUT where the clip has lines of another part of it. */
function describe(
  subject: Subject,
  entry: CaptionEntry,
  { file, originOf }: { file: string; originOf: OriginFinder },
): void {
  const { clip, caption, start, end, split, video } = entry
  const part = start === undefined || end === undefined ? WHOLE : `${start}-${end} s`
  if (subject.part !== null && subject.part !== part) {
    const [from = 0, to = 0] = [start, end]
    throw failures.captionsOfParts({
      file,
      clip,
      parts: `${subject.part}, ${part}`,
      example: cutClipNames(clip, from, to)[0]!,
    })
  }
  subject.part = part
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

/** The part of a clip that is all of it. */
const WHOLE = 'the whole'

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
    taken,
    breathe,
    ...context
  }: {
    corpus: Corpus
    taken: ReadonlySet<string>
    breathe: Breathe
    file: string
    originOf: OriginFinder
  },
): Promise<void> {
  const spellings = new Map<string, Set<string>>()
  for (const entry of entries) {
    const clip = normalClipName(entry.clip)
    const stem = withoutMediaExtension(clip)
    const known = spellings.get(stem) ?? new Set()
    spellings.set(stem, known.add(clip))
    await breathe()
  }
  const byName = new Map<string, Subject>()
  for (const entry of entries) {
    const clip = normalClipName(entry.clip)
    const stem = withoutMediaExtension(clip)
    // v1.mp4 and v1.mkv are two clips; v1.mp4 and v1 are one.
    const files = [...spellings.get(stem)!].filter((spelling) => spelling !== stem)
    const name = files.length <= 1 && !taken.has(stem) ? stem : clip
    let subject = byName.get(name)
    if (subject === undefined) {
      subject = newSubject(null, name)
      byName.set(name, subject)
      addSubject(corpus, subject)
    }
    describe(subject, entry, context)
    await breathe()
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
