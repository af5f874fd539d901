/**
 * Which clip a file means, as people and programs write names: with the path of another machine, with `./` or
 * backslashes, composed or decomposed letters, with or without extension, with the number of the caption
 * behind. What could mean several means none.
 */

/** What files of clips end in: films, pictures, and arrays of their features. */
const EXTENSION =
  /\.(?:mp4|m4v|mov|mkv|webm|avi|mpe?g|m?ts|m2ts|wmv|flv|3gp|ogv|gif|jpe?g|png|webp|bmp|tiff?|npy|npz)$/i

/** A name without what ends the file's. A number with a point, such as v1.5, ends in none. */
export const withoutMediaExtension = (name: string): string => name.replace(EXTENSION, '')

/** The one spelling of a name: forward slashes, nothing that goes nowhere, composed letters. */
export function normalClipName(name: string): string {
  const path = fromUrl(name.trim()).normalize('NFC').replaceAll('\\', '/')
  return path
    .replace(/\/+(?:\.\/+)*/g, '/')
    .replace(/^(?:\.\/)+/, '')
    .replace(/(.)\/$/, '$1')
}

/** Addresses are of this machine's files; the rest are names that may hold a percent sign. */
function fromUrl(name: string): string {
  if (!/^file:\/\//i.test(name)) {
    return name
  }
  try {
    return decodeURIComponent(new URL(name).pathname)
  } catch {
    return name
  }
}

export interface NameIndex {
  /** A clip by its name, a path inside of its folder with or without extension; and by the whole path of its file. */
  add(names: { name: string; path?: string }, place: number): void
  /** The place of the clip that a name means; null: none; 'ambiguous': it may mean several. */
  find(name: string): number | null | 'ambiguous'
}

/**
 * An index of clips by name. A name is looked for as it is, then without its extension, then by the end of
 * its path, as long as possible, and last without a `#number` or what an upload put before it.
 */
export function nameIndex(): NameIndex {
  const exact = new Map<string, number | 'ambiguous'>()
  const ends = new Map<string, number | 'ambiguous'>()
  const put = (names: Map<string, number | 'ambiguous'>, key: string, place: number): void => {
    const there = names.get(key)
    names.set(key, there === undefined || there === place ? place : 'ambiguous')
  }
  const findPath = (path: string): number | 'ambiguous' | undefined => {
    const stem = withoutMediaExtension(path)
    const whole = exact.get(path) ?? exact.get(stem) ?? ends.get(path) ?? ends.get(stem)
    return (
      whole ??
      endsOf(path)
        .map((end) => ends.get(end) ?? ends.get(withoutMediaExtension(end)))
        .find(isFound)
    )
  }
  return {
    add({ name, path }, place) {
      const file = normalClipName(name)
      const whole = path === undefined ? file : normalClipName(path)
      exact.set(file, place)
      put(exact, whole, place)
      for (const spelling of new Set([file, `${withoutMediaExtension(file)}${extensionOf(whole)}`])) {
        for (const end of [spelling, ...endsOf(spelling)]) {
          put(ends, end, place)
          put(ends, withoutMediaExtension(end), place)
        }
      }
    },
    find(name) {
      const path = normalClipName(name)
      return looserNames(path).map(findPath).find(isFound) ?? null
    },
  }
}

/** Finds clips by name among some: the places are those in `clips`. */
export function nameFinder(clips: readonly { name: string; path: string }[]): NameIndex['find'] {
  const index = nameIndex()
  clips.forEach((clip, place) => {
    index.add(clip, place)
  })
  return index.find
}

const isFound = (place: number | 'ambiguous' | undefined): boolean => place !== undefined

const extensionOf = (path: string): string => EXTENSION.exec(path)?.[0] ?? ''

/** The shorter and shorter ends of a path, without itself. */
function endsOf(path: string): string[] {
  const ends: string[] = []
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
    if (slash + 1 < path.length) {
      ends.push(path.slice(slash + 1))
    }
  }
  return ends
}

/**
 * A name, then what it may be: without the number of a caption, the question of an address, or the eight digits of
 * an upload, or with its spaces written as in addresses.
 */
function looserNames(path: string): string[] {
  const unnumbered = path.replace(/#\d+$/, '')
  const unasked = path.replace(/\?.*$/, '')
  const uploaded = path.replace(/(^|\/)[0-9a-f]{8}-(?=[^/]+$)/, '$1')
  return [...new Set([path, unnumbered, unasked, uploaded, unescaped(unasked)])]
}

function unescaped(path: string): string {
  try {
    return path.includes('%') ? decodeURIComponent(path) : path
  } catch {
    return path
  }
}

/**
 * What a clip may be called that was cut out of a video: `ID_33_46` as in MSVD, `ID_000033_000046` as in VATEX
 * and Kinetics; whole seconds alone are written so.
 */
export function cutClipNames(video: string, start: number, end: number): string[] {
  const stem = withoutMediaExtension(video)
  const padded = (seconds: number): string => String(Math.trunc(seconds)).padStart(6, '0')
  return [
    `${stem}_${start}_${end}`,
    `${stem}_${padded(start)}_${padded(end)}`,
    `${stem}_${start.toFixed(1)}_${end.toFixed(1)}`,
    `${stem}_${Math.trunc(start)}_${Math.trunc(end)}`,
  ]
}

/**
 * The video that a clip was cut from, by names of known kinds: YouTube's eleven letters and the times; groups of
 * UCF50 and UCF101 (`v_Class_g01_c02`) and of UCF11 (`v_class_01_02`); HMDB51's marks of body, camera, people, side and
 * quality behind the name of the film. Other names say nothing of it: null.
 */
export function sourceVideo(name: string): string | null {
  const file = withoutMediaExtension(normalClipName(name).replace(/^.*\//, ''))
  return SOURCES.map((pattern) => pattern.exec(file)?.[1]).find((source) => source !== undefined) ?? null
}

const SOURCES = [
  /^([\w-]{11})_\d+(?:\.\d+)?_\d+(?:\.\d+)?$/,
  /^(.+_g\d+)_c\d+$/,
  /^(v_.+_\d{2})_\d{2}$/,
  /^(.+)_[hulf]_(?:cm|nm)_np\d_(?:fr|ba|le|ri)_(?:bad|med|goo)_\d+$/,
]
