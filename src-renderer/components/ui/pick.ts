/** What a person is choosing: any folder, a caption file, an existing project, or the place and name of a new project. */
export type PickMode = 'folder' | 'captions' | 'project' | 'new-project'

export const PICK_TITLES: Record<PickMode, string> = {
  folder: 'Choose a folder',
  captions: 'Choose a caption file',
  project: 'Open a project',
  'new-project': 'Create a project',
}
