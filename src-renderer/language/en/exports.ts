export const exports = {
  plainFilesThatNeedNothing: 'Plain files that need nothing of Vitrine',
  from: ', from {modelName}',
  whatToExport: 'What to export',
  replace: 'Replace',
  anEarlierExportThatIs: 'an earlier export that is there',
  lastExport: 'Last export, {to}',
  onnxNetworksParametersAModel:
    'ONNX networks, parameters, a model card, topics, and programs in Python and Node that caption videos',
  whatTheModelSaysOf: 'what the model says of every captioned clip, beside what people said',
  humanCaptions: 'Human captions',
  whatPeopleSaidOfEvery:
    'what people said of every clip, with language, author and source; an import reads it back',
  annotations: 'Annotations',
  verdictsNotesTagsAndEdited:
    'verdicts, notes, tags and edited captions, with whose they are and when; Review takes them in again',
  namesWordsAndTheTopics: 'names, words and the topics of every clip',
  theTopicDeltaMarginAnd: 'the topic, delta, margin and chance level of every neuron',
  chooseAFolderFirst: 'Choose a folder first',
  theWholeProject: 'The whole project',
  oneFileWithEverythingThat: 'One file, {name}, with everything that people and models made.',
  onTheWelcomePageMakes: 'on the welcome page makes a project of it again, on any machine.',
  archiveInto: 'Archive into',
  withVideos: 'With videos',
  elseTheyAreLookedFor: 'else they are looked for where it is unpacked',
  replaceArchive: 'Replace archive',
  anEarlierOneOfThat: 'an earlier one of that name',
  archiveTheProject: 'Archive the project',
} as const
