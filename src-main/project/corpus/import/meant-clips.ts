/** Which clips the names of a file mean, where they must be told together. */
import type { Breathe } from '../../../common/breather.ts'
import { normalClipName } from '../../../formats/captions/clip-names.ts'
import { failures } from '../failures.ts'
import { UNREADABLE } from './subjects.ts'
import type { MeantClip, Subject } from './subjects.ts'

/** A name, and where the file has it first. */
export interface NamedClip {
  name: string
  file: string
  place: string
}

/**
 * The clip of each name. A path of another machine means the clip that is called as it ends, but `train/1` and
 * `val/1` are not both the clip `1`: that of the folder where its video lies is, and the other is none. Throws
 * BAD_INPUT where neither is from there, and for a name that could be several clips.
 */
export async function meantClips(
  names: Iterable<NamedClip>,
  find: (name: string, at: { file: string; place: string }) => MeantClip,
  breathe: Breathe,
): Promise<Map<string, MeantClip>> {
  const clips = new Map<string, MeantClip>()
  const paths = new Map<Subject, (NamedClip & { folder: string; last: string })[]>()
  for (const named of names) {
    await breathe()
    if (clips.has(named.name)) {
      continue
    }
    const clip = find(named.name, named)
    clips.set(named.name, clip)
    const [last = '', folder] = normalClipName(named.name).split('/').reverse()
    if (clip !== null && clip !== UNREADABLE && folder !== undefined) {
      const those = paths.get(clip) ?? []
      those.push({ ...named, folder, last })
      paths.set(clip, those)
    }
  }
  for (const [clip, those] of paths) {
    for (const { name } of fromElsewhere(clip, those)) {
      clips.set(name, null)
    }
    await breathe()
  }
  return clips
}

/** Of paths that fell on one clip, those from another folder than the clip. Throws BAD_INPUT where all of several are. */
function fromElsewhere<Path extends NamedClip & { folder: string; last: string }>(
  { media, known, name }: Subject,
  paths: readonly Path[],
): Path[] {
  const isDoubtful = ({ folder, last }: Path): boolean =>
    paths.some((other) => other.last === last && other.folder !== folder)
  const doubtful = paths.filter(isDoubtful)
  const [, home] = normalClipName((media ?? known)?.path ?? name)
    .split('/')
    .reverse()
  const elsewhere = doubtful.filter(({ folder }) => folder !== home)
  const [first] = elsewhere
  if (first !== undefined && elsewhere.length === doubtful.length) {
    throw failures.clipAmbiguous({ file: first.file, place: first.place, clip: first.name })
  }
  return elsewhere
}
