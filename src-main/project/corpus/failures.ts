import { defineFailures } from '../../common/failures.ts'

const CHOOSE_FOLDER = 'Choose the folder that holds the videos.'
const COMPUTE_FEATURES = 'Compute features: what is missing or damaged is computed again, and only that.'
const IMPORT_VIDEOS = 'Import a folder of videos first.'

export const failures = defineFailures('corpus', {
  // Splits.
  notASplit: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: "{text}" is not id<TAB>split.',
    remedy: 'The split is train, val (or validate, validation, dev) or test.',
  },
  notAList: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: "{text}" is no name of a clip in a list.',
    remedy: 'Write one clip a line in a file that is called by its split.',
  },
  inTwoSplits: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: {clip} is in {split} here and in {earlier} above.',
  },
  noSplitsInFile: {
    code: 'BAD_INPUT',
    message: '{file} holds no splits.',
    remedy: 'Write lines id<TAB>split, or lists of clips in files called train, val and test.',
  },
  notShares: {
    code: 'BAD_INPUT',
    message: 'The split shares {shares} are not three shares.',
    remedy: 'Give train, validation and test shares, such as 0.6,0.1,0.3.',
  },
  clipsWithoutSplit: {
    code: 'BAD_INPUT',
    message: '{file} gives no split for {clips:clip|clips}: {names}.',
    remedy: 'Add them to the split file, or give shares such as 0.6,0.1,0.3.',
  },

  // Features.
  featureFilesGone: {
    code: 'NOT_READY',
    message: '{gone:feature file is|feature files are} gone: {files}.',
    remedy: COMPUTE_FEATURES,
  },
  featureFilesAltered: {
    code: 'NOT_READY',
    message: '{altered:feature file is|feature files are} not as written: {files}.',
    remedy: COMPUTE_FEATURES,
  },
  featureFilesDamaged: {
    code: 'NOT_READY',
    message: '{gone:feature file is|feature files are} gone and {altered:is|are} not as written: {files}.',
    remedy: COMPUTE_FEATURES,
  },

  noCells: {
    code: 'BAD_INPUT',
    message: 'The frame encoder {encoder} gives no map of a frame: it sees no cells.',
    remedy: 'Choose 1 cell, or another encoder.',
  },
  cellsDiffer: {
    code: 'BAD_INPUT',
    message: "{titles} cut frames into different cells: they can't be joined.",
    remedy: 'Compute one of them again with the cells of the other, or with 1 cell.',
  },
  gridUnknown: {
    code: 'BAD_INPUT',
    message: 'The frame encoder {encoder} has no grid {grid}: it gives one vector for the whole image.',
    remedy: 'Choose grid 1.',
  },
  importedFilesDamaged: {
    code: 'NOT_READY',
    message:
      '{damaged:file of imported features is|files of imported features are} gone or not as written: {files}.',
    remedy: 'Import the features again under the same title: what is missing is taken over, and only that.',
  },
  featuresWithoutClips: {
    code: 'NOT_READY',
    message: 'This project has no clips that the features of {path} could be of.',
    remedy: 'Import captions first, or a folder of videos.',
  },
  featuresOfOtherClips: {
    code: 'BAD_INPUT',
    message:
      'Nothing in {path} is called as a clip of this project: it holds {inFiles}, the project {inProject}.',
    remedy: "Files or arrays must be called as the clips are, or as their videos' files.",
  },
  featuresAmbiguous: {
    code: 'BAD_INPUT',
    message: '{file}: {name} could be several clips.',
    remedy: 'Write the path inside the video folder.',
  },
  featuresTwice: {
    code: 'BAD_INPUT',
    message: '{clip} has features twice: {first} and {second}.',
    remedy: 'Keep one of them; of several arrays of each clip name the one that is meant (--array).',
  },
  featuresOfOtherSize: {
    code: 'CONFLICT',
    message: '{path} has {size:value|values} a frame, and the features called {title} have {known}.',
    remedy: 'Import them under another title.',
  },
  featureTitleTaken: {
    code: 'CONFLICT',
    message: 'The features called {title} were not imported: nothing can be added to them.',
    remedy: 'Import under another title.',
  },
  featuresJoinedTwice: {
    code: 'BAD_INPUT',
    message: 'The features of {title} would be joined with themselves.',
    remedy: 'Choose each set once.',
  },
  noClipHasAllFeatures: {
    code: 'CONFLICT',
    message: 'No clip has features of {titles}.',
    remedy: 'Compute or import them for the same clips.',
  },

  // Imports.
  folderMissing: {
    code: 'BAD_INPUT',
    message: 'The folder {folder} does not exist.',
    remedy: CHOOSE_FOLDER,
  },
  notAFolder: {
    code: 'BAD_INPUT',
    message: '{folder} is a file, not a folder of videos.',
    remedy: CHOOSE_FOLDER,
  },
  noVideosInFolder: {
    code: 'BAD_INPUT',
    message: 'The folder {folder} holds no video and no picture.',
    remedy: 'Vitrine looks for {extensions}.',
  },
  clipAmbiguous: {
    code: 'BAD_INPUT',
    message: '{file} {place}: {clip} could be several videos.',
    remedy: 'Write the path inside the video folder.',
  },
  captionsOfOtherClips: {
    code: 'BAD_INPUT',
    message:
      'No caption of {file} is of a video in {folder}: it speaks of {inFile}, the folder holds {inFolder}.',
    remedy: "The first column must be the video's file name, with or without extension.",
  },
  captionsOfUnknownClips: {
    code: 'BAD_INPUT',
    message:
      'No caption of {file} is of a clip of this project: it speaks of {inFile}, the project holds {inProject}.',
    remedy: "The first column must be the clip's name, or its video's file name.",
  },
  nothingToImport: {
    code: 'BAD_INPUT',
    message: 'There is nothing to import.',
    remedy: 'Give a folder of videos, a caption file, or both.',
  },
  importRunning: {
    code: 'CONFLICT',
    message: 'Another import into this project is running.',
    remedy: 'Wait until it is done, and import again.',
  },
  importsChanged: {
    code: 'CONFLICT',
    message: 'Another import was made or undone while this one was read: nothing was written.',
    remedy: 'Import again.',
  },

  // Clips and their files.
  tagUnknown: {
    code: 'NOT_FOUND',
    message: 'No clip has the tag "{tag}".',
    remedy: '"vitrine tags PROJECT" lists those that there are.',
  },
  clipUnknown: {
    code: 'NOT_FOUND',
    message: 'This project has no clip called {clip}.',
    remedy: 'Use a name or an id from the corpus list.',
  },
  captionUnknown: {
    code: 'NOT_FOUND',
    message: 'This project has no caption {captionId}, or it was removed.',
    remedy: 'Undo what removed it, or choose another caption.',
  },
  captionKnown: { code: 'CONFLICT', message: '{clip} has this caption already.' },
  notAPicture: { code: 'BAD_INPUT', message: '{path} is no JPEG, PNG or WebP picture.' },
  clipWithoutVideo: { code: 'NOT_FOUND', message: 'The clip {clip} has no video.' },
  clipWithoutFeatures: {
    code: 'NOT_FOUND',
    message: 'The clip {clip} has no features.',
    remedy: 'Compute them first.',
  },
  videoChanged: {
    code: 'BAD_INPUT',
    message: '{path} has changed since it was imported.',
    remedy: 'Import it again.',
  },
  videoGone: {
    code: 'NOT_FOUND',
    message: '{path} does not exist any more.',
    remedy: 'Put it back, or import the corpus again.',
  },
  noVideos: {
    code: 'NOT_READY',
    message: 'No clip of this project has a video.',
    remedy: IMPORT_VIDEOS,
  },
  noFeatures: { code: 'NOT_READY', message: 'No clip has features.', remedy: IMPORT_VIDEOS },

  // Caption checks.
  languageUnknown: {
    code: 'BAD_INPUT',
    message: 'No caption is in {language}; captions are in {languages}.',
    remedy: 'Choose one of these, or all.',
  },
  noCaptions: {
    code: 'NOT_READY',
    message: 'This project has no captions.',
    remedy: 'Import captions first.',
  },
  captionUnchanged: {
    code: 'BAD_INPUT',
    message: 'The caption reads so already.',
    remedy: 'Change its text, or accept it as it is.',
  },
  findingDecided: {
    code: 'CONFLICT',
    message: 'Finding {findingId} was {decision} already.',
    remedy: 'Undo that to decide anew.',
  },
  findingOfClip: {
    code: 'BAD_INPUT',
    message: 'This finding is about the whole clip {clip}, not about one caption.',
    remedy: 'Accept it, or give the clip more captions.',
  },
  captionGone: {
    code: 'CONFLICT',
    message: 'The caption of {clip} that this finding is about is gone.',
    remedy: 'Accept the finding, or undo what removed the caption.',
  },
  archiveUnfit: {
    code: 'BAD_INPUT',
    message: '{file} holds no project that can be opened here.',
    remedy: 'Take an archive that this version of Vitrine, or an older one, has made.',
  },
})
