/** What a caption format is, and what formats have in common. */

/**
 * One caption: `clip` as the file calls it (a clip's name with or without extension), and the line it stands
 * on.
 */
export interface CaptionEntry {
  clip: string
  caption: string
  line: number
}

/** What failures say of the file that is read. */
export interface CaptionSource {
  /** Its name. */
  file: string
  /** The formats that there are, as a sentence lists them. */
  accepted: string
}

export interface CaptionFormat {
  /** As the command line and requests call it. */
  name: string
  /** As the import dialog calls it. */
  title: string
  /** As the command line's help calls it, in a word or two. */
  brief: string
  /** What a file must hold, in words that go on a sentence `Accepted are ...`. */
  accepts: string
  /** What its files may end in, such as `.csv`. */
  extensions: readonly string[]
  /** Whether a file is of this format, by its first line that is not blank and its name. */
  recognises(firstLine: string, file: string): boolean
  /**
   * The captions of a text in its order, as they stand there: space around them and empty ones are seen to
   * by the caller. Throws BAD_INPUT naming the file and the line.
   */
  parse(text: string, source: CaptionSource): CaptionEntry[]
}

/** What the clip of a caption may be called, in a header or an object; the first that is there counts. */
export const CLIP_COLUMNS: readonly string[] = [
  'video',
  'clip',
  'id',
  'name',
  'video_id',
  'videoid',
  'clip_id',
  'file',
  'filename',
]
const CAPTION_COLUMNS: readonly string[] = ['caption', 'captions', 'sentence', 'description', 'text']

/** Where the cells of a header put clip and caption; null when they name no two such columns. */
export function headerColumns(cells: readonly string[]): { clip: number; caption: number } | null {
  const names = cells.map((cell) => cell.trim().toLowerCase())
  const find = (known: readonly string[]) => names.indexOf(known.find((name) => names.includes(name)) ?? '\0')
  const clip = find(CLIP_COLUMNS)
  const caption = find(CAPTION_COLUMNS)
  return clip === -1 || caption === -1 || clip === caption ? null : { clip, caption }
}
