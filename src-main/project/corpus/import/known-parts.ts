/** The parts of videos that a project has, by what shows that they are of a video. */
import type { Breathe } from '../../../common/breather.ts'
import { cutClipNames } from '../../../formats/captions/clip-names.ts'
import { fileHashOf } from '../../../store/index.ts'
import type { Bounds, ClipMedia, KnownClip } from '../../../store/index.ts'
import { addPart, fitPart } from './parts.ts'
import { addSubject, newSubject, readingOf } from './subjects.ts'
import type { Corpus, KnownClips, Planning, Subject } from './subjects.ts'

/** The part of its file that a clip is. */
const boundsOfClip = ({ start, end }: KnownClip): Bounds => ({ start: start ?? 0, end: end ?? 0 })

/**
 * Finds the parts of a video: those of its content; those where it lies, whatever content they had; and those that
 * wait for a video of its name.
 */
export async function findKnownParts(
  clips: readonly KnownClip[],
  breathe: Breathe,
): Promise<(name: string, facts: ClipMedia) => KnownClip[]> {
  const byKey = new Map<string, KnownClip[]>()
  for (const clip of clips) {
    for (const key of keysOf(clip)) {
      const those = byKey.get(key) ?? []
      those.push(clip)
      byKey.set(key, those)
    }
    await breathe()
  }
  return (name, { path, contentHash }) => [
    ...new Set(
      [`content ${contentHash}`, `path ${path}`, `name ${name}`].flatMap((key) => byKey.get(key) ?? []),
    ),
  ]
}

function keysOf(clip: KnownClip): string[] {
  if (clip.start === null) {
    return []
  }
  if (clip.path === null) {
    const video = videoOfName(clip)
    return video === null ? [] : [`name ${video}`]
  }
  return [
    `path ${clip.path}`,
    ...(clip.contentHash === null ? [] : [`content ${fileHashOf(clip.contentHash)}`]),
  ]
}

/** The video that a part is called after: `v1` of `v1_0_10`. */
function videoOfName(clip: KnownClip): string | null {
  const { start, end } = boundsOfClip(clip)
  const ending = cutClipNames('', start, end).find((name) => clip.name.endsWith(name))
  return ending === undefined ? null : clip.name.slice(0, -ending.length)
}

/** Parts of a video that the project has: they are where it is now, as it is now. */
export async function addKnownParts(
  planning: Planning,
  {
    video,
    facts,
    parts,
    known,
    corpus,
  }: { video: Subject; facts: ClipMedia; parts: readonly KnownClip[]; known: KnownClips; corpus: Corpus },
): Promise<void> {
  for (const clip of parts) {
    const bounds = fitPart(boundsOfClip(clip), facts)
    if (bounds !== null && !corpus.byId.has(clip.id)) {
      const part = await planning.media.readPart(facts, bounds, readingOf(planning, known))
      const subject = newSubject(clip, clip.name, { media: part })
      addSubject(corpus, subject)
      addPart(corpus, { video, part: subject })
    }
  }
}
