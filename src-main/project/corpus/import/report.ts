/** What an import does, in words: a sentence of counts, what to look at, and what the counts are made of. */
import type { ImportReport, Split } from '#contract'
import type { Breathe } from '../../../common/breather.ts'
import { count, someOf } from '../../../common/text.ts'
import { inLanguages, languageName, mostFirst } from '../../../formats/captions/languages.ts'
import { kindOf } from './subjects.ts'
import type { Findings, KindOfClip, PlacedClip, Subject } from './subjects.ts'

/** Lines of a detail that are kept at most. */
const LISTED = 100

type Detail = ImportReport['details'][number]

/** A list that counts all and keeps the first. */
class Listing {
  total = 0
  readonly lines: string[] = []
  add(line: string): void {
    this.total++
    if (this.lines.length < LISTED) {
      this.lines.push(line)
    }
  }
}

/** What is counted of the clips of an import. */
interface Tally {
  added: Listing
  /** New clips by what they are. */
  kinds: Map<KindOfClip, number>
  known: number
  moved: Listing
  changed: Listing
  attached: Listing
  returned: Listing
  removed: Listing
  resplit: Listing
  silent: Listing
  captionsAdded: number
  captionsKept: number
  edited: Listing
  removedCaptions: Listing
}

export async function reportOf(
  subjects: readonly Subject[],
  findings: Findings,
  breathe: Breathe,
): Promise<ImportReport> {
  const tally: Tally = {
    added: new Listing(),
    kinds: new Map(),
    known: 0,
    moved: new Listing(),
    changed: new Listing(),
    attached: new Listing(),
    returned: new Listing(),
    removed: new Listing(),
    resplit: new Listing(),
    silent: new Listing(),
    captionsAdded: 0,
    captionsKept: 0,
    edited: new Listing(),
    removedCaptions: new Listing(),
  }
  for (const subject of subjects) {
    countClip(tally, subject)
    countCaptions(tally, subject)
    await breathe()
  }
  const linesUnmatched = [...findings.unmatched.values()].reduce((sum, lines) => sum + lines.length, 0)
  return {
    sentence: sentenceOf(tally, linesUnmatched, findings),
    added: tally.added.total,
    known: tally.known,
    moved: tally.moved.total,
    changed: tally.changed.total,
    captionsAdded: tally.captionsAdded,
    captionsKept: tally.captionsKept,
    captionsEdited: tally.edited.total,
    captionsRemoved: tally.removedCaptions.total,
    linesUnmatched,
    captionFormat: findings.captionFormat,
    notices: noticesOf(tally, findings, linesUnmatched),
    details: detailsOf(tally, findings, linesUnmatched),
  }
}

function countClip(tally: Tally, subject: Subject): void {
  const { known, name, media, split } = subject
  if (known === null) {
    tally.added.add(name)
    const kind = kindOf(media)
    tally.kinds.set(kind, (tally.kinds.get(kind) ?? 0) + 1)
    return
  }
  if (subject.named) {
    tally.known++
  }
  if (known.removed) {
    tally.removed.add(name)
    return
  }
  if (known.undone) {
    tally.returned.add(name)
  }
  if (media !== null) {
    countMedia(tally, name, { before: known, after: media })
  }
  if (split !== null && split !== known.split && !known.undone) {
    tally.resplit.add(`${name}: from ${known.split} to ${split}`)
  }
}

function countMedia(
  tally: Tally,
  name: string,
  { before, after }: Record<'before' | 'after', { path: string | null; contentHash: string | null }>,
): void {
  if (before.contentHash === null) {
    tally.attached.add(`${name}: ${after.path}`)
  } else if (before.contentHash !== after.contentHash) {
    tally.changed.add(`${name}: ${after.path}`)
  } else if (before.path !== after.path) {
    tally.moved.add(`${name}: from ${before.path} to ${after.path}`)
  }
}

function countCaptions(tally: Tally, { known, name, named, added, returning, kept, media }: Subject): void {
  if (known?.removed === true || !named) {
    return
  }
  tally.captionsAdded += added.length + returning.length
  tally.captionsKept += kept.length
  for (const caption of kept) {
    if (caption.removed) {
      tally.removedCaptions.add(`${name}: "${caption.text}"`)
    } else if (caption.text !== caption.importedText) {
      tally.edited.add(`${name}: "${caption.text}", in the file "${caption.importedText}"`)
    }
  }
  if (known === null && media !== null && added.length === 0) {
    tally.silent.add(name)
  }
}

const some = (n: number, one: string, many: string): string | null =>
  n === 0 ? null : `${n.toLocaleString('en')} ${n === 1 ? one : many}`

/** An import removes nothing, and says so. */
function sentenceOf(tally: Tally, linesUnmatched: number, { unreadable, unreadableLines }: Findings): string {
  return [
    `${count(tally.added.total, 'clip')} new`,
    `${tally.known.toLocaleString('en')} known`,
    `${count(tally.captionsAdded, 'caption')} added`,
    '0 removed',
    some(tally.edited.total, 'edited caption kept', 'edited captions kept'),
    some(tally.removedCaptions.total, 'removed caption stays removed', 'removed captions stay removed'),
    some(tally.removed.total, 'removed clip stays removed', 'removed clips stay removed'),
    some(tally.returned.total, 'clip comes back', 'clips come back'),
    some(tally.attached.total, 'clip gets its file', 'clips get their files'),
    some(tally.moved.total, 'file moved', 'files moved'),
    some(tally.changed.total, 'file changed', 'files changed'),
    some(tally.resplit.total, 'clip put in another split', 'clips put in another split'),
    some(linesUnmatched, 'line matches no clip', 'lines match no clip'),
    some(unreadable.length, "clip can't be read", "clips can't be read"),
    some(unreadableLines, 'line is of them', 'lines are of them'),
  ]
    .filter((part) => part !== null)
    .join(', ')
}

const lineNumbers = (lines: readonly number[], counts: string): string =>
  `${counts}${lines.length === 1 ? '' : 's'} ${someOf(lines.map(String), 5)}`

const linesByName = (lines: Findings['unmatched'], { counts }: Findings): string[] =>
  [...lines].map(([name, numbers]) => `${name} (${lineNumbers(numbers, counts)})`)

const unmatchedLines = (findings: Findings): string[] => linesByName(findings.unmatched, findings)

const KINDS: readonly [kind: KindOfClip, one: string, many: string][] = [
  ['video', 'video', 'videos'],
  ['part', 'part of a video', 'parts of videos'],
  ['picture', 'picture', 'pictures'],
  ['frames', 'folder of frames', 'folders of frames'],
]

/** Clips by what they are: `2 videos`, `1 picture`. */
const countsOf = (kinds: ReadonlyMap<KindOfClip, number>): string[] =>
  KINDS.flatMap(([kind, one, many]) => some(kinds.get(kind) ?? 0, one, many) ?? [])

/** New clips by what they are; empty where all are videos. */
const kindsOf = ({ kinds }: Tally): string[] =>
  kinds.size === Number(kinds.has('video')) ? [] : countsOf(kinds)

/** What clips of the same content are, with the verb: `2 pictures are`. `kindOf` says it of each. */
function theSame(groups: readonly PlacedClip[][], kindOf: (clip: PlacedClip) => KindOfClip): string {
  const kinds = new Map<KindOfClip, number>()
  for (const [first] of groups) {
    if (first !== undefined) {
      kinds.set(kindOf(first), (kinds.get(kindOf(first)) ?? 0) + 1)
    }
  }
  return `${countsOf(kinds).join(' and ')} ${groups.length === 1 ? 'is' : 'are'}`
}

/** Of what a clip is a part, or it itself. */
const wholeKind = ({ kind }: PlacedClip): KindOfClip => (kind === 'part' ? 'video' : kind)

const inSplits = (clips: readonly { name: string; split: Split }[]): string =>
  clips.map(({ name, split }) => `${name} (${split})`).join(', ')

const isInSeveral = (clips: readonly { split: Split }[]): boolean =>
  new Set(clips.map(({ split }) => split)).size > 1

function noticesOf(tally: Tally, findings: Findings, linesUnmatched: number): string[] {
  const { captionsFile, splitFile, elsewhere, unknownInSplit, unreadable, sameContent } = findings
  const copies = sameContent.filter((clips) => !isInSeveral(clips))
  const several = sameContent.filter(isInSeveral)
  return [
    ...findings.captionNotices,
    setAsideNotice(findings),
    linesUnmatched > 0 &&
      `${some(linesUnmatched, findings.counts, `${findings.counts}s`)} of ${captionsFile} ${linesUnmatched === 1 ? 'matches' : 'match'} no clip: ${someOf(unmatchedLines(findings))}.`,
    ...partNotices(findings),
    ...kindNotices(findings),
    tally.silent.total > 0 &&
      `${count(tally.silent.total, 'clip')} without captions: ${listed(tally.silent)}.`,
    ...unreadable.slice(0, LISTED).map(({ message }) => `Left out: ${message}`),
    ...findings.damaged
      .slice(0, LISTED)
      .map((path) => `${path} is damaged in part, and used as it can be decoded.`),
    tally.removed.total > 0 &&
      `${some(tally.removed.total, 'clip that was removed stays', 'clips that were removed stay')} removed: ${listed(tally.removed)}. Restore what is to come back.`,
    tally.changed.total > 0 &&
      `${some(tally.changed.total, 'clip has a file', 'clips have files')} with another content than before, and ${tally.changed.total === 1 ? 'needs' : 'need'} new features: ${listed(tally.changed)}.`,
    elsewhere.length > 0 &&
      `${some(elsewhere.length, 'clip is', 'clips are')} in another split in ${splitFile}, and ${elsewhere.length === 1 ? 'stays' : 'stay'} where ${elsewhere.length === 1 ? 'it is' : 'they are'}: ${someOf(elsewhere)}. To move ${elsewhere.length === 1 ? 'it' : 'them'}, split known clips anew (--resplit).`,
    unknownInSplit.length > 0 &&
      `${splitFile} names ${count(unknownInSplit.length, 'clip')} that the corpus does not hold: ${someOf(unknownInSplit)}.`,
    several.length > 0 &&
      `${theSame(several, wholeKind)} in several splits, so that a model is tested on what it was trained on: ${someOf(several.map(inSplits))}.`,
    copies.length > 0 &&
      `${theSame(copies, ({ kind }) => kind)} there more than once: ${someOf(copies.map((clips) => clips.map(({ name }) => name).join(' = ')))}.`,
  ].filter((notice) => notice !== false)
}

function setAsideNotice({ captionsFile, languages, working }: Findings): string | false {
  const others = mostFirst(languages).filter((language) => language !== working)
  return (
    working !== null &&
    others.length > 0 &&
    `${captionsFile}: the project works in ${languageName(working)}; captions in other languages (${inLanguages(others, languages)}) are kept and take part in nothing. Another language is chosen in Corpus (vitrine languages).`
  )
}

/** What became of the times of lines. */
function partNotices(findings: Findings): (string | false)[] {
  const { cutParts, wholeByTimes, beyond, counts } = findings
  const lines = [...beyond.values()].flat().length
  return [
    cutParts.length > 0 &&
      `${some(cutParts.length, 'part ends', 'parts end')} where ${cutParts.length === 1 ? 'its video does' : 'their videos do'}, before the time in ${findings.captionsFile}: ${someOf(cutParts)}.`,
    wholeByTimes.length > 0 &&
      `The times of ${count(wholeByTimes.length, 'clip')} in ${findings.captionsFile} lie beyond ${wholeByTimes.length === 1 ? 'its' : 'their'} end, and are taken for those in the video that ${wholeByTimes.length === 1 ? 'it was' : 'they were'} cut from: ${someOf(wholeByTimes)}.`,
    lines > 0 &&
      `${some(lines, `${counts} is`, `${counts}s are`)} of parts beyond the end of ${beyond.size === 1 ? 'a video' : 'their videos'}, and left out: ${someOf(linesByName(beyond, findings))}.`,
  ]
}

/** What was taken for what, where it might be meant otherwise. */
const kindNotices = ({ guessedFrames, ofVideos }: Findings): (string | false)[] => [
  guessedFrames.length > 0 &&
    `${some(guessedFrames.length, 'folder of numbered pictures is', 'folders of numbered pictures are')} taken for the frames of one clip each: ${someOf(guessedFrames)}. Where each picture is a clip, say so (--media pictures).`,
  ofVideos.length > 0 &&
    `${some(ofVideos.length, 'picture or folder of frames is', 'pictures or folders of frames are')} called as a video is, and left out: ${someOf(ofVideos)}.`,
]

/** The first few of a list by name: what stands before the colon. */
const listed = ({ lines, total }: Listing): string => {
  const names = lines.slice(0, 3).map((line) => line.split(': ')[0])
  return `${names.join(', ')}${total > names.length ? ` and ${total - names.length} more` : ''}`
}

const detail = (title: string, lines: readonly string[], total = lines.length): Detail => ({
  title,
  total,
  lines: lines.slice(0, LISTED),
})

function detailsOf(tally: Tally, findings: Findings, linesUnmatched: number): Detail[] {
  const { sameContent, unreadable, elsewhere, unknownInSplit, languages } = findings
  const listing = (title: string, { lines, total }: Listing): Detail => detail(title, lines, total)
  return [
    listing('New clips', tally.added),
    detail('What new clips are', kindsOf(tally)),
    detail(
      'Languages of the captions that are new',
      mostFirst(languages).map((language) => inLanguages([language], languages)),
    ),
    listing('Clips that come back', tally.returned),
    listing('Clips that get their file', tally.attached),
    listing('Moved or renamed files', tally.moved),
    listing('Files with another content', tally.changed),
    listing('Clips put in another split', tally.resplit),
    listing('Edited captions that stay as they are', tally.edited),
    listing('Removed captions that stay removed', tally.removedCaptions),
    listing('Removed clips that stay removed', tally.removed),
    detail('Lines that match no clip', unmatchedLines(findings), linesUnmatched),
    listing('New clips without captions', tally.silent),
    detail('Folders taken for the frames of one clip', findings.guessedFrames),
    detail('Pictures and frames called as a video is, left out', findings.ofVideos),
    detail('Parts that end where their video does', findings.cutParts),
    detail('Lines of parts beyond the end of their video', linesByName(findings.beyond, findings)),
    detail(
      "Clips that can't be read",
      unreadable.map(({ message }) => message),
    ),
    detail('The same content in several splits', sameContent.filter(isInSeveral).map(inSplits)),
    detail(
      'The same content more than once',
      sameContent.filter((clips) => !isInSeveral(clips)).map(inSplits),
    ),
    detail('Clips that the split file puts elsewhere', elsewhere),
    detail('Names of the split file that no clip has', unknownInSplit),
  ].filter(({ total }) => total > 0)
}
