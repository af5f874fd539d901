/** The splits that clips come into: new ones, and all of them where that is asked for. */
import { basename } from 'node:path'
import type { Split } from '#contract'
import type { Breathe } from '../../../common/breather.ts'
import { someOf } from '../../../common/text.ts'
import { normalClipName, sourceVideo, withoutMediaExtension } from '../../../formats/captions/clip-names.ts'
import { fileHashOf } from '../../../store/index.ts'
import { failures } from '../failures.ts'
import { readSplits } from '../split-files.ts'
import { meantClips } from './meant-clips.ts'
import { dealGroups, presentShares } from '../splits.ts'
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
  planning: Planning,
  path: string,
  { known, corpus, findings }: { known: KnownClips; corpus: Corpus; findings: Findings },
): Promise<void> {
  const { request, breathe } = planning
  const file = basename(path)
  const before = corpus.subjects.length
  for (const [subject, split] of await splitsOfFile(planning, path, { known, corpus, findings })) {
    if (subject.known === null || isNew(subject) || request.resplit) {
      subject.split = split
    } else if (subject.known.split !== split && !subject.known.removed) {
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

/** The split of each clip that a file names. Parts of a video are where it is, but those that are named themselves. */
async function splitsOfFile(
  { breathe }: Planning,
  path: string,
  { known, corpus, findings }: { known: KnownClips; corpus: Corpus; findings: Findings },
): Promise<Map<Subject, Split>> {
  const file = basename(path)
  const subjectOf = subjectFinder(known, corpus, { named: false })
  const newByName = await newClips(corpus, breathe)
  const waiting = Map.groupBy(corpus.waitingParts.values(), ({ source }) => source)
  const entries = await readSplits(path)
  const meant = await meantClips(
    entries.map(({ clip, line }) => ({ name: clip, file, place: `line ${line}` })),
    subjectOf,
    breathe,
  )
  const byVideo = new Map<Subject, Split>()
  const byName = new Map<Subject, Split>()
  for (const { clip, split } of entries) {
    const name = normalClipName(clip)
    const subject = meant.get(clip) ?? newByName(name)
    const isReadable = subject !== null && subject !== UNREADABLE
    const parts = (isReadable ? corpus.partsOf.get(subject) : undefined) ?? waiting.get(name) ?? []
    for (const part of parts) {
      byVideo.set(part, split)
    }
    if (isReadable) {
      byName.set(subject, split)
    } else if (subject === null && parts.length === 0) {
      findings.unknownInSplit.push(clip)
    }
    await breathe()
  }
  return new Map([...byVideo, ...byName])
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
  return (name) => byName.get(name) ?? byName.get(withoutMediaExtension(name)) ?? null
}

async function splitByShares(
  { request, project: { store }, breathe }: Planning,
  { known, corpus }: { known: KnownClips; corpus: Corpus },
): Promise<void> {
  const counts = store.clips.splitCounts()
  const shares =
    typeof request.split === 'string' || request.split === null ? presentShares(counts) : request.split
  const open = corpus.subjects.filter((subject) => isPresent(subject) && (request.resplit || isNew(subject)))
  const dealt = request.split === null ? open.filter((subject) => !takeFileSplit(subject)) : open
  const present = request.resplit ? noClips() : counts
  const groups = await groupsOf(open, breathe)
  const settled = new Map<string, Split>()
  const settle = (group: string | undefined, split: Split): void => {
    if (group !== undefined) {
      settled.set(group, split)
    }
  }
  if (!request.resplit) {
    for (const { contentHash, name, split, removed, undone } of known.clips) {
      if (!removed && !undone) {
        settle(groups.ofKey(keyOfSource(sourceVideo(name))), split)
        settle(groups.ofKey(keyOfContent(contentHash)), split)
      }
      await breathe()
    }
  }
  for (const subject of open) {
    if (subject.split !== null) {
      settle(groups.of(subject), subject.split)
      present[subject.split]++
    }
  }
  const splits = await dealGroups(
    dealt.map((subject) => ({ name: subject.name, group: groups.of(subject) ?? null })),
    shares,
    { present, settled, breathe },
  )
  dealt.forEach((subject, i) => {
    subject.split = splits[i]!
  })
}

const noClips = (): Record<Split, number> => ({ train: 0, val: 0, test: 0 })

/** Takes the split that the caption file says; false: it says none. */
function takeFileSplit(subject: Subject): boolean {
  subject.split = subject.fileSplit
  return subject.split !== null
}

const keyOfContent = (content: string | null): string | null => content && `content ${fileHashOf(content)}`
const keyOfSource = (source: string | null): string | null => source && `source ${source}`

/** Clips that belong together: of the same content, or cut from one video. */
async function groupsOf(subjects: readonly Subject[], breathe: Breathe) {
  const parents = new Map<string, string>()
  const rootOf = (key: string): string => {
    let root = key
    for (
      let parent = parents.get(root);
      parent !== undefined && parent !== root;
      parent = parents.get(root)
    ) {
      root = parent
    }
    return root
  }
  for (const subject of subjects) {
    const [content, source] = [keyOfContent(contentOf(subject)), keyOfSource(subject.source)]
    for (const key of [content, source]) {
      if (key !== null && !parents.has(key)) {
        parents.set(key, key)
      }
    }
    if (content !== null && source !== null) {
      parents.set(rootOf(content), rootOf(source))
    }
    await breathe()
  }
  const ofKey = (key: string | null): string | undefined =>
    key !== null && parents.has(key) ? rootOf(key) : undefined
  return {
    ofKey,
    of: (subject: Subject): string | undefined =>
      ofKey(keyOfContent(contentOf(subject))) ?? ofKey(keyOfSource(subject.source)),
  }
}
