import type { FolderListing } from '#contract'
import { t } from '../../language/index.ts'
import type { PlainKey } from '../../language/index.ts'

/**
 * What a person is choosing: any folder; captions or a split, which are a file or a folder of files; a file of
 * text; a file of vectors; features, which are a file or a folder of files; a network, or the folder of one; an
 * existing project; an archive of one; annotations, in a file of text or in an archive; or the place and name of a new project.
 */
export type PickMode =
  | 'folder'
  | 'captions'
  | 'text'
  | 'vectors'
  | 'features'
  | 'network'
  | 'project'
  | 'archive'
  | 'annotations'
  | 'new-project'

export const PICK_TITLES: Record<PickMode, PlainKey> = {
  folder: 'ui.chooseAFolder',
  captions: 'ui.chooseAFileOrA',
  text: 'ui.chooseAFileOfText',
  vectors: 'ui.chooseAFileOfVectors',
  features: 'ui.chooseAFileOfArrays',
  network: 'ui.chooseANetworkOnnxOr',
  project: 'common.openAProject',
  archive: 'ui.chooseAnArchive',
  annotations: 'ui.chooseAnnotations',
  'new-project': 'common.createAProject',
}

type Entry = FolderListing['entries'][number]

interface Choosable {
  /** The kinds of entries that are chosen from the list; vectors may be a .csv, as captions may. */
  kinds: readonly Entry['kind'][]
  /** Whether a folder as a whole may be chosen. */
  takesFolder: boolean
  /** What a folder without folders lacks, too, where there is nothing to choose. */
  lacking: PlainKey | null
}

export const FILES: Record<PickMode, Choosable> = {
  folder: { kinds: [], takesFolder: true, lacking: null },
  'new-project': { kinds: [], takesFolder: true, lacking: null },
  captions: {
    kinds: ['captions'],
    takesFolder: true,
    lacking: 'ui.andNoCaptionFile',
  },
  text: {
    kinds: ['captions'],
    takesFolder: false,
    lacking: 'ui.andNoFileOfText',
  },
  vectors: {
    kinds: ['vectors', 'captions'],
    takesFolder: false,
    lacking: 'ui.andNoFileOfVectors',
  },
  features: {
    kinds: ['vectors', 'arrays'],
    takesFolder: true,
    lacking: 'ui.andNoFileOfArrays',
  },
  network: {
    kinds: ['network'],
    takesFolder: true,
    lacking: 'ui.andNoNetworkOnnx',
  },
  project: {
    kinds: ['project'],
    takesFolder: false,
    lacking: 'ui.andNoProject',
  },
  archive: {
    kinds: ['archive'],
    takesFolder: false,
    lacking: 'ui.andNoArchive',
  },
  annotations: {
    kinds: ['captions', 'archive'],
    takesFolder: false,
    lacking: 'ui.andNoFileOfTextNorArchive',
  },
}

/** Characters that some file system refuses in a name: who takes the project along should be able to. */
const FORBIDDEN = /[\\/:*?"<>|\p{Cc}]/u
const LONGEST_NAME = 200

/** Why a folder can't get a new project of this name (`NAME.vitrine`), in a sentence; null: it can. */
export function whyNotName(project: string, entries: readonly Entry[]): string | null {
  const name = project.replace(/\.vitrine$/, '')
  if (name === '') {
    return t('ui.aProjectNeedsAName')
  }
  const [forbidden] = FORBIDDEN.exec(name) ?? []
  if (forbidden !== undefined) {
    return /\p{Cc}/u.test(forbidden) ? t('ui.aNameHasNoControl') : t('ui.aNameHasNoIn', { forbidden })
  }
  if (name.startsWith('.')) {
    return t('ui.aNameThatBeginsWith')
  }
  if (name.length > LONGEST_NAME) {
    return t('ui.aNameHasAtMost', { longestName: LONGEST_NAME })
  }
  const taken = entries.some((entry) => entry.name.toLowerCase() === project.toLowerCase())
  return taken ? t('ui.isThereAlreadyChooseAnother', { project }) : null
}
