/** A folder of pictures that are the frames of one clip. */
import { extname, join } from 'node:path'
import { readFolder } from '../formats/files.ts'

/** What still pictures end in. */
export const PICTURE_EXTENSIONS: ReadonlySet<string> = new Set(['.jpg', '.jpeg', '.png', '.webp'])

export const isPictureName = (name: string): boolean => PICTURE_EXTENSIONS.has(extname(name).toLowerCase())

const byNumber = new Intl.Collator('en', { numeric: true })

/** Names of frames in their order: by the numbers in them, so that `img_2.jpg` stands before `img_10.jpg`. */
const inFrameOrder = (names: readonly string[]): string[] =>
  [...names].sort((a, b) => byNumber.compare(a, b) || Number(a > b) - Number(a < b))

/** The paths of a folder's frames in their order; hidden files are none. Throws as `readFolder`. */
export async function frameFiles(folder: string): Promise<string[]> {
  const names = (await readFolder(folder)).filter((entry) => !entry.isDirectory()).map(({ name }) => name)
  return inFrameOrder(names.filter((name) => isPictureName(name) && !name.startsWith('.'))).map((name) =>
    join(folder, name),
  )
}

/** A name as one prefix, a number, and what follows it. */
const NUMBERED = /^(.*?)(\d+)(\.\w+)$/
/** The most frames of a video that one of is kept. */
const MOST_STEP = 60

/**
 * Whether names are those of frames: two or more, all one prefix and evenly counted numbers, as `img_00001.jpg`,
 * `img_00002.jpg` or every fifth of them. Photographs are rarely numbered so.
 */
export function areFrames(names: readonly string[]): boolean {
  const parts = inFrameOrder(names).map((name) => NUMBERED.exec(name))
  const [first, second] = parts
  if (!first || !second) {
    return false
  }
  const step = Number(second[2]) - Number(first[2])
  const isEven = parts.every(
    (part, i) =>
      part?.[1] === first[1] && part?.[3] === first[3] && Number(part?.[2]) === Number(first[2]) + i * step,
  )
  return isEven && step > 0 && step <= (parts.length === 2 ? 1 : MOST_STEP)
}
