/**
 * The encoders of a person: a folder for each, with its network and its description. Those that come with the program
 * are always listed, and built into their folder at their first use.
 */
import { existsSync } from 'node:fs'
import { copyFile, readdir, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { EncoderChoices, EncoderDraft } from '#contract'
import { toFailure } from '../../common/to-failure.ts'
import type { EngineParams, KnownEncoder, PreparedEncoder } from '../../engine-host/contract/index.ts'
import { replaceFileAtomic, replaceFolderAtomic, writeFileAtomic } from '../../formats/atomic.ts'
import { makeFolder } from '../../formats/files.ts'
import { hashFile } from '../../formats/hash.ts'
import { prepareBuiltIn } from './building.ts'
import type { BuiltInEncoder } from './building.ts'
import { cellDimension } from './cells.ts'
import { centernet } from './centernet.ts'
import { decodedSize, DESCRIPTOR, fingerprintOf, NETWORK, readDescriptor } from './descriptor.ts'
import type { EncoderDescriptor } from './descriptor.ts'
import { draftEncoder } from './draft.ts'
import { failures } from './failures.ts'
import { readNetwork } from './network.ts'
import type { Network } from './network.ts'
import { objectron } from './objectron.ts'
import { readSource } from './source.ts'

const BUILT_IN: readonly BuiltInEncoder[] = [objectron, centernet]

const builtInOf = (id: string): BuiltInEncoder | null =>
  BUILT_IN.find(({ design }) => design.id === id) ?? null

/** Those that come with the program, then those that were added, by name. */
export async function listEncoders(directory: string): Promise<KnownEncoder[]> {
  const names = (await readdir(directory, { withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && builtInOf(entry.name) === null)
    .map(({ name }) => name)
    .sort()
  return Promise.all([
    ...BUILT_IN.map((builtIn) => listedBuiltIn(directory, builtIn)),
    ...names.map((id) => listed(directory, id)),
  ])
}

async function listedBuiltIn(directory: string, { design }: BuiltInEncoder): Promise<KnownEncoder> {
  const folder = join(directory, design.id)
  const built = await readDescriptor(join(folder, DESCRIPTOR)).catch(() => null)
  if (built === null) {
    return { ...describe({ ...design, checksum: '' }, 0), fingerprint: null }
  }
  return describe(built, await bytesOf(folder, [built.file]))
}

async function listed(directory: string, id: string): Promise<KnownEncoder> {
  const folder = join(directory, id)
  try {
    const descriptor = await readDescriptor(join(folder, DESCRIPTOR))
    const files = [descriptor.file, ...descriptor.externalData.map(({ file }) => file)]
    const missing = files.find((file) => !existsSync(join(folder, file)))
    const problem =
      missing === undefined ? null : failures.networkUnreadable({ path: join(folder, missing) }).message
    return { ...describe(descriptor, await bytesOf(folder, files)), problem }
  } catch (error) {
    const unknown = {
      title: id,
      licence: '',
      source: folder,
      builtIn: false,
      bytes: 0,
      input: null,
      grids: [],
      cellDimension: 0,
      fingerprint: null,
    }
    return { id, ...unknown, problem: toFailure(error).message }
  }
}

function describe(descriptor: EncoderDescriptor, bytes: number): KnownEncoder {
  const { id, title, licence, source, revision, input, outputs } = descriptor
  return {
    id,
    title,
    licence,
    source,
    builtIn: revision !== null,
    bytes,
    input,
    grids: outputs.map(({ grid, dimension }) => ({ grid, dimension })),
    cellDimension: cellDimension(descriptor),
    fingerprint: fingerprintOf(descriptor),
    problem: null,
  }
}

async function bytesOf(folder: string, files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(
    files.map((file) =>
      stat(join(folder, file)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Has an encoder ready to run. Throws NOT_FOUND for one that is not there. */
export async function prepareEncoder(directory: string, id: string): Promise<PreparedEncoder> {
  const folder = join(directory, id)
  const descriptor = await readyDescriptor(folder, id)
  const { title, licence, source, input, outputs } = descriptor
  return {
    descriptor: join(folder, DESCRIPTOR),
    title,
    licence,
    source,
    fingerprint: fingerprintOf(descriptor),
    size: { ...decodedSize(input), fit: input.fit, filter: input.filter },
    stack: input.stack ?? null,
    grids: outputs.map(({ grid, dimension }) => ({ grid, dimension })),
    cellDimension: cellDimension(descriptor),
  }
}

async function readyDescriptor(folder: string, id: string): Promise<EncoderDescriptor> {
  const builtIn = builtInOf(id)
  if (builtIn !== null) {
    return prepareBuiltIn(builtIn, folder)
  }
  if (!existsSync(folder)) {
    throw failures.encoderUnknown({ encoder: id })
  }
  return readDescriptor(join(folder, DESCRIPTOR))
}

/** What an ONNX file or a model's folder is, and the encoder that would be made of it. */
export async function inspectNetwork(
  directory: string,
  path: string,
  choices: EncoderChoices,
): Promise<EncoderDraft> {
  const source = await readSource(path, choices)
  const network = await readNetwork(source.network, source.choices)
  const { preset, input, outputs, chosen } = draftEncoder(network, source.choices)
  return {
    path,
    files: network.files,
    sha256: await hashFile(source.network),
    input,
    anySize: network.anySize && !source.isModel,
    preset: source.isModel ? null : preset,
    outputs: network.outputs.map((output) => ({ ...output, chosen: chosen.includes(output.name) })),
    grids: outputs.map(({ grid, dimension }) => ({ grid, dimension })),
    id: freeId(directory, source.title),
    title: source.title,
    licence: source.licence,
  }
}

/** A name after a title that no encoder has; of a model of the hub, without its owner. */
function freeId(directory: string, title: string): string {
  const stem =
    title
      .slice(title.lastIndexOf('/') + 1)
      .toLowerCase()
      .replace(/[^a-z0-9._-]+/g, '-')
      .replace(/^[._-]+|[._-]+$/g, '')
      .slice(0, 56) || 'encoder'
  const isFree = (id: string): boolean => !existsSync(join(directory, id)) && builtInOf(id) === null
  let id = stem
  for (let number = 2; !isFree(id); number++) {
    id = `${stem}-${number}`
  }
  return id
}

/** Copies the network, with the files of its weights, among the encoders: whole, or not at all. */
export async function addEncoder({
  directory,
  path,
  choices,
  id,
  title,
  licence,
  source: from,
}: EngineParams<'encoders.add'>): Promise<KnownEncoder> {
  const folder = join(directory, id)
  if (existsSync(folder) || builtInOf(id) !== null) {
    throw failures.idTaken({ encoder: id })
  }
  const source = await readSource(path, choices)
  const network = await readNetwork(source.network, source.choices)
  const { input, outputs } = draftEncoder(network, source.choices)
  await makeFolder(directory)
  await replaceFolderAtomic(folder, async (temporary) => {
    const [main, ...weights] = await copyNetwork(network, temporary)
    const descriptor: EncoderDescriptor = {
      id,
      title: title ?? source.title,
      licence,
      source: from ?? basename(path),
      kind: input.stack ? 'clip-onnx' : 'onnx',
      revision: null,
      file: main?.file ?? '',
      checksum: main?.checksum ?? '',
      externalData: weights,
      input,
      outputs,
    }
    await writeFileAtomic(join(temporary, DESCRIPTOR), JSON.stringify(descriptor, null, 2) + '\n')
  })
  return listed(directory, id)
}

/**
 * Copies the network's files into a folder and returns their checksums, taken of the copies. The network itself
 * names those that hold its weights: they keep their names.
 */
async function copyNetwork(
  { path, files }: Network,
  folder: string,
): Promise<{ file: string; checksum: string }[]> {
  const copied: { file: string; checksum: string }[] = []
  for (const { file } of files) {
    const name = file === basename(path) ? NETWORK : file
    const target = join(folder, name)
    await replaceFileAtomic(target, (temporary) => copyFile(join(dirname(path), file), temporary))
    copied.push({ file: name, checksum: await hashFile(target) })
  }
  return copied
}

/** Throws NOT_FOUND, and BAD_INPUT for one that comes with the program. */
export async function removeEncoder(directory: string, id: string): Promise<void> {
  if (builtInOf(id) !== null) {
    throw failures.builtInStays({ encoder: id })
  }
  const folder = join(directory, id)
  if (!existsSync(folder)) {
    throw failures.encoderUnknown({ encoder: id })
  }
  await rm(folder, { recursive: true })
}
