/** Clips with their classes, as a corpus of actions names them, before anything is read of them. */
import { sourceVideo } from '../../formats/captions/clip-names.ts'

/** A clip, its class and what it must stay together with. */
export interface ActionClip {
  /** As people know it: unique in its corpus. */
  name: string
  className: string
  /** Clips of a group were cut from one video, or a person said so. */
  group: string
  /** Where its video is, beside the project; null: it is named as a clip of the project. */
  path: string | null
  /** The clip of the project, also one that shows what a video elsewhere shows; null: there is none. */
  clipId: number | null
}

/** One way to divide a corpus, as files of it say: names of clips by their side. */
export interface GivenSplit {
  title: string
  train: ReadonlySet<string>
  test: ReadonlySet<string>
}

export interface ActionCorpus {
  clips: ActionClip[]
  /** How groups were told, for people; null: no clip is known to have company. */
  groupsBy: string | null
  /** Divisions that the corpus itself gives. */
  splits: GivenSplit[]
  /** Classes that are to be told apart by themselves as well, in pairs. */
  pairs: [string, string][]
}

/**
 * What a video was cut from, by its name, or by the folder inside its class that it lies in. Groups of UCF11, UCF50 and
 * UCF101 are numbered within their classes: the same number of all classes is one group, as in their own evaluations, which
 * leave one number out at a time.
 */
export function groupOf(name: string, className: string): string | null {
  const inside = name.slice(className.length + 1)
  const source = sourceVideo(name)
  if (source !== null) {
    return groupNumber(source) ?? withoutClass(source, className)
  }
  const slash = inside.lastIndexOf('/')
  if (slash < 0) {
    return null
  }
  const folder = inside.slice(0, slash)
  return groupNumber(folder) ?? folder
}

function groupNumber(source: string): string | null {
  const number = /^v_.+_g?(\d{1,3})$/.exec(source)?.[1]
  return number === undefined ? null : `group ${Number(number)}`
}

/** HMDB51's films are called by their title, then the class. */
const withoutClass = (source: string, className: string): string =>
  source.endsWith(`_${className}`) ? source.slice(0, -className.length - 1) : source
