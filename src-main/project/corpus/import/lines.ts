/** The lines of a caption file: which clip each is of, and which of them that has already. */
import type { Breathe } from '../../../common/breather.ts'
import { someOf } from '../../../common/text.ts'
import type { CaptionEntry } from '../../../formats/captions/index.ts'
import { failures } from '../failures.ts'
import { withoutVideoExtension } from '../videos.ts'
import { matchLines } from './matching.ts'
import { addSubject, isPresent, newSubject, subjectFinder, UNREADABLE } from './subjects.ts'
import type { Corpus, Findings, KnownClips, MeantClip, Planning, Request, Subject } from './subjects.ts'

/** Clips whose captions are read at once. */
const BATCH = 500

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
  const found = new Map<string, MeantClip>()
  const waiting: CaptionEntry[] = []
  let matched = 0
  for (const entry of entries) {
    let subject = found.get(entry.clip)
    if (subject === undefined) {
      subject = subjectOf(entry, file)
      found.set(entry.clip, subject)
    }
    if (subject === null) {
      waiting.push(entry)
    } else if (subject === UNREADABLE) {
      findings.unreadableLines++
    } else {
      subject.lines.push(entry.caption)
      matched++
    }
    await breathe()
  }
  // While no clip has a video, captions make clips; later a name that nothing has is rather a slip.
  if (request.videos === null && known.clips.every(({ path, undone }) => path === null || undone)) {
    await addCaptionClips(waiting, { corpus, taken: known.names, breathe })
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
  { corpus, taken, breathe }: { corpus: Corpus; taken: ReadonlySet<string>; breathe: Breathe },
): Promise<void> {
  const spellings = new Map<string, Set<string>>()
  for (const { clip } of entries) {
    const stem = withoutVideoExtension(clip)
    const known = spellings.get(stem) ?? new Set()
    spellings.set(stem, known.add(clip))
    await breathe()
  }
  const byName = new Map<string, Subject>()
  for (const { clip, caption } of entries) {
    const stem = withoutVideoExtension(clip)
    // v1.mp4 and v1.mkv are two clips; v1.mp4 and v1 are one.
    const files = [...spellings.get(stem)!].filter((spelling) => spelling !== stem)
    const name = files.length <= 1 && !taken.has(stem) ? stem : clip
    let subject = byName.get(name)
    if (subject === undefined) {
      subject = newSubject(null, name)
      byName.set(name, subject)
      addSubject(corpus, subject)
    }
    subject.lines.push(caption)
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
