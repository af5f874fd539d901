/**
 * What a person is choosing: any folder, a caption file or another text, a file of vectors, an existing
 * project, or the place and name of a new project.
 */
export type PickMode = 'folder' | 'captions' | 'vectors' | 'project' | 'new-project'

export const PICK_TITLES: Record<PickMode, string> = {
  folder: 'Choose a folder',
  captions: 'Choose a caption file',
  vectors: 'Choose a file of vectors (.csv, .npy)',
  project: 'Open a project',
  'new-project': 'Create a project',
}
