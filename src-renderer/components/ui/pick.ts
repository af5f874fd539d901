/**
 * What a person is choosing: any folder; captions or a split, which are a file or a folder of files; a file of
 * text; a file of vectors; features, which are a file or a folder of files; a network, or the folder of one; an
 * existing project; or the place and name of a new project.
 */
export type PickMode =
  'folder' | 'captions' | 'text' | 'vectors' | 'features' | 'network' | 'project' | 'new-project'

export const PICK_TITLES: Record<PickMode, string> = {
  folder: 'Choose a folder',
  captions: 'Choose a file, or a folder of files',
  text: 'Choose a file of text',
  vectors: 'Choose a file of vectors (.csv, .npy)',
  features: 'Choose a file of arrays, or a folder of files',
  network: 'Choose a network (.onnx), or the folder of a model',
  project: 'Open a project',
  'new-project': 'Create a project',
}
