/**
 * Clips' raw frame features: one .npy file each, an array of frames by features; or several, whose values follow each
 * other frame by frame.
 */
import { createHash } from 'node:crypto'
import { VitrineError } from '../../common/failures.ts'
import { readWhole } from '../../formats/files.ts'
import { decodeNpy, readNpyShape } from '../../formats/npy.ts'
import type { ClipFeatures, FeatureFile } from '../../engine-host/contract/index.ts'
import { failures } from './failures.ts'

/** Features of one clip's frames. */
export interface FrameFeatures {
  rows: number
  size: number
  /** [rows, size]. */
  data: Float32Array
}

/** Files that were held against their checksum in this process. */
const sound = new Set<string>()

/**
 * One clip's raw features, 1 to `frames` rows. Throws BAD_INPUT, naming the file, for another shape, and
 * NOT_READY where it is gone or not as it was written.
 */
export async function readFeatures(clip: ClipFeatures, frames: number): Promise<FrameFeatures> {
  const parts = await Promise.all(filesOf(clip).map((file) => readFile(file, frames)))
  const [only] = parts as [FrameFeatures]
  return parts.length === 1 ? only : sideBySide(parts)
}

/** The files of a clip's features, in the order of their values. */
export const filesOf = ({ features, sha256, rows, joined = [] }: ClipFeatures): FeatureFile[] => [
  { features, ...(sha256 === undefined ? {} : { sha256 }), ...(rows === undefined ? {} : { rows }) },
  ...joined,
]

/** A clip's frames, and features a frame, by the headers of its files. Throws as `readFeatures`. */
export async function featureShape(
  clip: ClipFeatures,
  frames: number,
): Promise<Pick<FrameFeatures, 'rows' | 'size'>> {
  const shapes = await Promise.all(
    filesOf(clip).map(async (file) => {
      const shape = rowsAndSize(await readNpyShape(file.features), mostRows(file, frames), file.features)
      return { rows: file.rows?.length ?? shape.rows, size: shape.size }
    }),
  )
  return {
    rows: Math.min(...shapes.map(({ rows }) => rows)),
    size: shapes.reduce((sum, { size }) => sum + size, 0),
  }
}

/** A file of which rows are taken may have any number of them. */
const mostRows = ({ rows }: FeatureFile, frames: number): number => (rows === undefined ? frames : Infinity)

async function readFile(file: FeatureFile, frames: number): Promise<FrameFeatures> {
  const { features: path, sha256 } = file
  const bytes = sha256 === undefined ? await readWhole(path) : await readSealed(path, sha256)
  const { shape, data } = decodeNpy(bytes, path)
  const whole = { ...rowsAndSize(shape, mostRows(file, frames), path), data }
  return file.rows === undefined ? whole : chosenRows(whole, file.rows)
}

function chosenRows({ size, data }: FrameFeatures, rows: readonly number[]): FrameFeatures {
  const chosen = new Float32Array(rows.length * size)
  rows.forEach((row, i) => {
    chosen.set(data.subarray(row * size, (row + 1) * size), i * size)
  })
  return { rows: rows.length, size, data: chosen }
}

/** The values of several files, frame by frame. They have as many rows: main has seen to that. */
function sideBySide(parts: readonly FrameFeatures[]): FrameFeatures {
  const rows = Math.min(...parts.map((part) => part.rows))
  const size = parts.reduce((sum, part) => sum + part.size, 0)
  const joined = new Float32Array(rows * size)
  let column = 0
  for (const { data, size: width } of parts) {
    for (let row = 0; row < rows; row++) {
      joined.set(data.subarray(row * width, (row + 1) * width), row * size + column)
    }
    column += width
  }
  return { rows, size, data: joined }
}

/** The bytes of a file whose checksum is known; they are held against it once a process. */
async function readSealed(file: string, sha256: string): Promise<Buffer> {
  const bytes = await readWhole(file).catch((error: unknown) => {
    throw isMissing(error) ? failures.featuresMissing({ file }, { cause: error }) : error
  })
  const seal = `${sha256} ${file}`
  if (!sound.has(seal)) {
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
      throw failures.featuresAltered({ file })
    }
    sound.add(seal)
  }
  return bytes
}

/** Whether a file can't be read because there is none. */
const isMissing = (error: unknown): boolean =>
  error instanceof VitrineError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'

/** What the shape of a file's array says. Throws as `readFeatures`. */
export function rowsAndSize(
  shape: readonly number[],
  frames: number,
  file: string,
): Pick<FrameFeatures, 'rows' | 'size'> {
  const [rows = 0, size = 0] = shape
  if (shape.length !== 2 || rows < 1 || rows > frames) {
    throw failures.featureShape({ file, shape: shape.join(', '), frames })
  }
  return { rows, size }
}
