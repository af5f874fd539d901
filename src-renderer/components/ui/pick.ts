import type { FolderListing } from '#contract'

/**
 * What a person is choosing: any folder; captions or a split, which are a file or a folder of files; a file of
 * text; a file of vectors; features, which are a file or a folder of files; a network, or the folder of one; an
 * existing project; an archive of one; or the place and name of a new project.
 */
export type PickMode =
  'folder' | 'captions' | 'text' | 'vectors' | 'features' | 'network' | 'project' | 'archive' | 'new-project'

export const PICK_TITLES: Record<PickMode, string> = {
  folder: 'Choose a folder',
  captions: 'Choose a file, or a folder of files',
  text: 'Choose a file of text',
  vectors: 'Choose a file of vectors (.csv, .npy)',
  features: 'Choose a file of arrays, or a folder of files',
  network: 'Choose a network (.onnx), or the folder of a model',
  project: 'Open a project',
  archive: 'Choose an archive (.vitrine.zip)',
  'new-project': 'Create a project',
}

type Entry = FolderListing['entries'][number]

interface Choosable {
  /** The kinds of entries that are chosen from the list; vectors may be a .csv, as captions may. */
  kinds: readonly Entry['kind'][]
  /** Whether a folder as a whole may be chosen. */
  takesFolder: boolean
  /** What a folder without folders lacks, too, where there is nothing to choose. */
  lacking: string
}

export const FILES: Record<PickMode, Choosable> = {
  folder: { kinds: [], takesFolder: true, lacking: '' },
  'new-project': { kinds: [], takesFolder: true, lacking: '' },
  captions: { kinds: ['captions'], takesFolder: true, lacking: ' and no caption file' },
  text: { kinds: ['captions'], takesFolder: false, lacking: ' and no file of text' },
  vectors: {
    kinds: ['vectors', 'captions'],
    takesFolder: false,
    lacking: ' and no file of vectors (.csv, .npy)',
  },
  features: {
    kinds: ['vectors', 'arrays'],
    takesFolder: true,
    lacking: ' and no file of arrays (.npy, .npz, .safetensors, .h5)',
  },
  network: { kinds: ['network'], takesFolder: true, lacking: ' and no network (.onnx)' },
  project: { kinds: ['project'], takesFolder: false, lacking: ' and no project' },
  archive: { kinds: ['archive'], takesFolder: false, lacking: ' and no archive (.vitrine.zip)' },
}

/** Characters that some file system refuses in a name: who takes the project along should be able to. */
const FORBIDDEN = /[\\/:*?"<>|\p{Cc}]/u
const LONGEST_NAME = 200

/** Why a folder can't get a new project of this name (`NAME.vitrine`), in a sentence; null: it can. */
export function whyNotName(project: string, entries: readonly Entry[]): string | null {
  const name = project.replace(/\.vitrine$/, '')
  if (name === '') {
    return 'A project needs a name.'
  }
  const [forbidden] = FORBIDDEN.exec(name) ?? []
  if (forbidden !== undefined) {
    return /\p{Cc}/u.test(forbidden)
      ? 'A name has no control characters.'
      : `A name has no ${forbidden} in it.`
  }
  if (name.startsWith('.')) {
    return 'A name that begins with a dot would be hidden.'
  }
  if (name.length > LONGEST_NAME) {
    return `A name has at most ${LONGEST_NAME} characters.`
  }
  const taken = entries.some((entry) => entry.name.toLowerCase() === project.toLowerCase())
  return taken ? `${project} is there already: choose another name, or open it.` : null
}
