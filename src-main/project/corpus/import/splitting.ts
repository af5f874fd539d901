/** The splits that clips come into: new ones, and all of them where that is asked for. */
import { basename } from 'node:path'
import type { Split } from '#contract'
import type { Breathe } from '../../../common/breather.ts'
import { someOf } from '../../../common/text.ts'
import { readText } from '../../../formats/text/text-file.ts'
import { failures } from '../failures.ts'
import { dealSplits, parseSplits, presentShares } from '../splits.ts'
import { withoutVideoExtension } from '../videos.ts'
import { addSubject, contentOf, isNew, isPresent, newSubject, subjectFinder, UNREADABLE } from './subjects.ts'
import type { Corpus, Findings, KnownClips, Planning, Subject } from './subjects.ts'

/** Splits new clips, and with `resplit` those that are known. */
export async function chooseSplits(
  planning: Planning,
  { known, corpus, findings }: { known: KnownClips; corpus: Corpus; findings: Findings },
): Promise<void> {
  const { request, breathe } = planning
  if (request.resplit) {
    for (const clip of known.clips) {
      if (!clip.removed && !clip.undone && !corpus.byId.has(clip.id)) {
        addSubject(corpus, newSubject(clip, clip.name, { named: false }))
      }
      await breathe()
    }
  }
  if (typeof request.split === 'string') {
    await splitByFile(planning, request.split, { known, corpus, findings })
  } else {
    await splitByShares(planning, { known, corpus })
  }
}

async function splitByFile(
  { request, breathe }: Planning,
  path: string,
  { known, corpus, findings }: { known: KnownClips; corpus: Corpus; findings: Findings },
): Promise<void> {
  const file = basename(path)
  const before = corpus.subjects.length
  const subjectOf = subjectFinder(known, corpus, { named: false })
  const newByName = await newClips(corpus, breathe)
  for (const entry of parseSplits(await readText(path), file)) {
    const subject = subjectOf(entry, file) ?? newByName(entry.clip)
    if (subject === null) {
      findings.unknownInSplit.push(entry.clip)
    } else if (subject === UNREADABLE) {
      continue
    } else if (subject.known === null || isNew(subject) || request.resplit) {
      subject.split = entry.split
    } else if (subject.known.split !== entry.split && !subject.known.removed) {
      findings.elsewhere.push(subject.name)
    }
    await breathe()
  }
  const without = corpus.subjects.filter(
    (subject) => subject.named && isNew(subject) && isPresent(subject) && subject.split === null,
  )
  if (without.length > 0) {
    throw failures.clipsWithoutSplit({
      file,
      clips: without.length,
      names: someOf(without.map(({ name }) => name)),
    })
  }
  if (!request.resplit) {
    // Clips that only the split file names are none of this import's.
    for (const subject of corpus.subjects.splice(before)) {
      corpus.byId.delete(subject.known?.id ?? 0)
    }
  }
}

/** Finds a new clip by its name, such as one that captions alone have made. */
async function newClips(corpus: Corpus, breathe: Breathe): Promise<(name: string) => Subject | null> {
  const byName = new Map<string, Subject>()
  for (const subject of corpus.subjects) {
    if (subject.known === null) {
      byName.set(subject.name, subject)
    }
    await breathe()
  }
  return (name) => byName.get(name) ?? byName.get(withoutVideoExtension(name)) ?? null
}

async function splitByShares(
  { request, project: { store }, breathe }: Planning,
  { known, corpus }: { known: KnownClips; corpus: Corpus },
): Promise<void> {
  const counts = store.clips.splitCounts()
  const shares =
    typeof request.split === 'string' || request.split === null ? presentShares(counts) : request.split
  const dealt = corpus.subjects.filter((subject) => isPresent(subject) && (request.resplit || isNew(subject)))
  // Of clips with the same content one is dealt, and the others go along with it.
  const splitOfContent = new Map<string, Split>()
  const twins: Subject[] = []
  const leaders: Subject[] = []
  if (!request.resplit) {
    for (const { contentHash, split, removed, undone } of known.clips) {
      if (contentHash !== null && !removed && !undone) {
        splitOfContent.set(contentHash, split)
      }
      await breathe()
    }
  }
  const led = new Set(splitOfContent.keys())
  for (const subject of dealt) {
    const content = contentOf(subject)
    if (content !== null && led.has(content)) {
      twins.push(subject)
    } else {
      leaders.push(subject)
      if (content !== null) {
        led.add(content)
      }
    }
    await breathe()
  }
  const splits = dealSplits(
    leaders.map(({ name }) => name),
    shares,
    request.resplit ? undefined : counts,
  )
  for (const [i, leader] of leaders.entries()) {
    leader.split = splits[i]!
    const content = contentOf(leader)
    if (content !== null) {
      splitOfContent.set(content, leader.split)
    }
  }
  for (const twin of twins) {
    twin.split = splitOfContent.get(contentOf(twin)!)!
  }
}
