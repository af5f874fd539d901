/**
 * Where this installation's own files and the user's folder are, from the sources as well as from the build.
 */
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/**
 * The folder of package.json: built code lies two or more folders below it, depending on how the bundler cut
 * it.
 */
function findRoot(folder: string): string {
  const parent = dirname(folder)
  return existsSync(join(folder, 'package.json')) || parent === folder ? folder : findRoot(parent)
}

export const installation = findRoot(import.meta.dirname)

/** The built window. */
export const rendererDir = join(installation, 'out', 'renderer')

/** The docs, built as a site. */
export const docsDir = join(installation, 'out', 'docs')

export const preload = join(installation, 'out', 'preload', 'index.cjs')

/** What the engine process runs. */
export const engineEntry = import.meta.filename.endsWith('.ts')
  ? join(installation, 'src-main', 'engine', 'main.ts')
  : join(installation, 'out', 'main', 'engine.js')

/** What a media process runs. */
export const mediaEntry = import.meta.filename.endsWith('.ts')
  ? join(installation, 'src-main', 'media-process', 'main.ts')
  : join(installation, 'out', 'main', 'media.js')

/** What the thread runs that reads large caption files. */
export const captionWorker = import.meta.filename.endsWith('.ts')
  ? join(installation, 'src-main', 'formats', 'captions', 'worker.ts')
  : join(installation, 'out', 'main', 'caption-worker.js')

/**
 * The user's own folder of Vitrine (recent projects, built encoders, window bounds): VITRINE_HOME, else
 * ~/.vitrine.
 */
export const userFolder = (): string => process.env['VITRINE_HOME'] || join(homedir(), '.vitrine')
