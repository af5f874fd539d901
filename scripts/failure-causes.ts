/**
 * What docs/troubleshooting.md says of failures beyond their own sentences: where they come from, and what to do where the
 * sentence says what is wrong and leaves the rest to the reader. Written by hand; test/troubleshooting.test.ts says what may
 * not be missing.
 */
import type { ErrorCode } from '#contract'

/** The areas in which failures are defined, in the order of the work, with what they are about. */
export const AREAS: Readonly<Record<string, string>> = {
  project: 'The open project',
  workspace: 'What a step needs, and room on the disk',
  store: 'The project on the disk',
  storage: 'Backups, checks and archives',
  check: 'What a check finds',
  archive: 'Archives',
  files: 'Files and folders',
  corpus: 'Clips, imports and features',
  captions: 'Caption files',
  'captions.load': 'Caption files in folders and zips',
  'captions.zip': 'Damaged zips',
  'captions.values': 'JSON in caption files',
  'captions.names': 'Other names of clips',
  'captions.languages': 'Languages of caption files',
  'captions.csv': 'CSV',
  'captions.tsv': 'TSV',
  'captions.jsonl': 'JSON lines',
  'captions.coco': 'COCO',
  'captions.activitynet': 'ActivityNet',
  'captions.cues': 'Subtitles',
  'captions.cvat': 'CVAT',
  'captions.flickr': 'Flickr',
  annotations: 'Annotations of people',
  text: 'Text files',
  media: 'Videos and pictures',
  features: 'Features from elsewhere',
  arrays: 'Files of arrays',
  formats: '.npy and safetensors',
  encoders: 'Your frame encoders',
  'engine.encoders': 'Networks as frame encoders',
  'formats.huggingFace': 'Folders of Hugging Face models',
  hub: 'The model hub',
  topics: 'Topics',
  'engine.topics': 'Finding and editing topics',
  training: 'Training and models',
  sweeps: 'Sweeps',
  'engine.captioner': 'The captioner',
  'engine.graph': 'Devices',
  engineHost: 'The engine process',
  neurons: 'Neurons',
  'engine.neurons': 'Interpreting neurons',
  review: 'Review',
  corrections: 'Corrections',
  'engine.corrections': 'Learning a correction',
  actions: 'Actions',
  'engine.actions': 'Classifying actions',
  'engine.metrics': 'Scores',
  exports: 'Exports',
  steps: 'All steps at once',
  jobs: 'Jobs',
  transport: 'The server',
  cli: 'The command line',
}

/** Why a failure of each code happens, whatever it says in detail. */
export const CODES: Readonly<Record<ErrorCode | 'BUG', string>> = {
  BAD_INPUT:
    'A file, a setting or an argument is not as it has to be. The sentence names which, and where in it; nothing was written. Mend that place and try again.',
  NOT_FOUND:
    'What is named is not there: it was never there, was removed, or an edit that made it was undone. Ids are those of this project alone.',
  NO_PROJECT: 'The window or the command needs a project, and none is open.',
  NEWER_PROJECT:
    'A newer version of Vitrine wrote the project, in a form that this version does not know. It was not changed.',
  NOT_READY:
    'An earlier step has to be done first. The sentence names it; *All steps* does all that are missing.',
  CONFLICT:
    'Something changed meanwhile, in another window or program, or what is asked for does not go with what there is. Nothing was changed.',
  DISK_FULL: 'The disk has no room for it. What was saved before is whole.',
  ENGINE_DIED:
    'The process that computes ended while it worked: it ran out of memory, or a driver crashed it. It starts again by itself, and nothing that was saved is lost.',
  DIVERGED: 'A loss or a score became infinite or no number. Nothing of it was kept.',
  TOOL_MISSING:
    'A program, a library or a device that the work needs is not on this machine. `vitrine doctor` lists what there is.',
  BUG: 'Nobody expected this: it is a fault in Vitrine. What was saved before is whole. Report it, with the message and what was done before.',
}

interface Cause {
  /** Of which failures, by their keys. */
  of: readonly string[]
  /** Where it comes from. */
  cause: string
  /** What to do, where the failure's own sentence does not say it or not all of it. */
  remedy?: string
}

const MEND_THE_LINE = 'Mend that place in the file and import it again; nothing was written.'
const LIST_OF_THE_VIEW = 'Choose one from the list of its view; undo brings back what an edit removed.'
const ANOTHER_NETWORK =
  'Export the network anew as [frame encoders](encoders.md#an-onnx-file) have it, or add another one.'

/** Causes by hand, each for one failure or for several that come from the same. */
export const CAUSES: readonly Cause[] = [
  // The project, the disk, other programs.
  {
    of: ['project.noProject'],
    cause: 'The last project was closed, or was moved away while Vitrine was not running.',
  },
  {
    of: ['project.jobsAtWork'],
    cause:
      'Closing a project ends its jobs. A training goes on later from its last checkpoint; other work begins anew.',
  },
  {
    of: ['store.newerProject', 'storage.newerInArchive'],
    cause: 'The project was opened once with a newer Vitrine, which migrated it. Migrations only go forward.',
    remedy: 'Update Vitrine, or restore the backup that was made before the migration with the newer one.',
  },
  {
    of: ['store.damaged', 'store.damagedFile'],
    cause:
      'A disk fault, a copy made while the project was open, or a folder synchronised by another program left the database half written.',
    remedy:
      'Copy the folder away first. Then [repair or restore](storage.md#check-and-repair): `vitrine check PROJECT --repair`.',
  },
  {
    of: ['check.rowsTakenOut'],
    cause:
      'Rows of the database referred to others that are lost, such as a caption of a clip that is not there.',
    remedy: 'Nothing is to be done; the file is kept for who wants to look what they said.',
  },
  {
    of: ['store.readOnly'],
    cause: 'The disk or the folder can only be read. Everything can be looked at, nothing saved.',
  },
  {
    of: ['store.inUse', 'store.jobElsewhere', 'store.openElsewhere', 'storage.isOpen', 'storage.jobRuns'],
    cause:
      'Another window, `vitrine serve` or a command has the project open. Several may read and edit; some work needs it alone.',
    remedy: '`vitrine jobs PROJECT` lists what runs, in this program and in others.',
  },
  {
    of: ['store.projectGone', 'store.projectReplaced'],
    cause: 'The folder was moved, renamed or restored by another program while it was open here.',
  },
  {
    of: ['store.editBuiltOn', 'store.editOvertaken'],
    cause:
      'A later edit rests on the one that is to be taken back, such as a topic that was split after it was renamed.',
  },
  {
    of: [
      'store.diskFull',
      'files.diskFull',
      'files.quotaFull',
      'media.diskFull',
      'workspace.noRoomForArchive',
      'workspace.noRoomForBackup',
      'workspace.noRoomForCopy',
      'workspace.noRoomForExport',
      'workspace.noRoomForFeatures',
      'workspace.noRoomForModel',
      'workspace.noRoomForRestore',
      'workspace.noRoomForSalvage',
      'workspace.noRoomForTraining',
      'workspace.noRoomForUnarchive',
    ],
    cause:
      'What is needed is reckoned before the work begins, so that it does not end in the middle. Features of many frames, checkpoints and playable copies take most.',
    remedy:
      'Pictures, playable copies and features can be [freed](storage.md#what-takes-how-much) and are made again when asked for.',
  },
  {
    of: ['files.denied', 'files.readOnly'],
    cause: 'The user that runs Vitrine may not read or write there.',
  },
  {
    of: ['files.tooManyOpen'],
    cause: 'The system limits how many files a program may have open, and others have many.',
  },
  {
    of: [
      'store.actionResultUnknown',
      'store.clipUnknown',
      'store.correctionUnknown',
      'store.editUnknown',
      'store.featuresUnknown',
      'store.findingUnknown',
      'store.jobUnknown',
      'store.modelUnknown',
      'store.snapshotUnknown',
      'store.sweepUnknown',
      'store.topicUnknown',
      'jobs.jobUnknown',
      'actions.clipNotCompared',
      'cli.neuronUnknown',
      'neurons.neuronUnknown',
      'engine.neurons.neuronUnknown',
      'corrections.takenOut',
      'corrections.nothingLearnt',
    ],
    cause: 'It was removed or undone meanwhile, or the number belongs to another project or model.',
    remedy: LIST_OF_THE_VIEW,
  },
  {
    of: ['store.topicRunMissing'],
    cause: 'Topics were imported, or none were found yet: there is no run of the sampler to show.',
    remedy: 'Find topics first.',
  },

  // Clips and captions.
  {
    of: ['corpus.noVideosInFolder'],
    cause:
      'Clips are known by their file names: the folder holds none of the [kinds that are read](clips.md), or its folders may not be looked into.',
  },
  {
    of: ['corpus.captionsOfUnknownClips', 'corpus.captionsOfOtherClips'],
    cause:
      'Captions find their clips by [name](captions.md#names-of-clips): with or without extension, or by path. None of the names in the file is that of a file in the folder.',
    remedy:
      'Compare one name in the file with one in the folder; a [file of other names](captions.md#names-of-clips) leads from one to the other.',
  },
  {
    of: ['corpus.clipAmbiguous'],
    cause: 'Two files in different folders have that name.',
  },
  {
    of: ['corpus.videoGone', 'media.fileMissing', 'corpus.clipWithoutVideo'],
    cause:
      'Videos stay where they are. This one was moved, renamed or deleted since it was imported, or the clip came from captions alone.',
    remedy:
      'Import the folder where the videos are now: clips are known by their content, so nothing that was said of them is lost.',
  },
  {
    of: ['corpus.videoChanged'],
    cause: 'The file was encoded anew or replaced under its name since it was imported.',
  },
  {
    of: ['corpus.captionKnown'],
    cause: 'The same words are a caption of that clip already.',
    remedy: 'Nothing is to be done; write it otherwise where a second one is wanted.',
  },
  {
    of: ['corpus.importRunning', 'corpus.importsChanged'],
    cause: 'Imports read the project before they write, so there is one at a time.',
  },
  {
    of: [
      'corpus.featureFilesGone',
      'corpus.featureFilesAltered',
      'corpus.featureFilesDamaged',
      'engine.captioner.featuresMissing',
      'engine.captioner.featuresAltered',
    ],
    cause:
      'Each file of features has a checksum. One was deleted by hand, cut short by a full disk, or changed.',
  },
  {
    of: [
      'corpus.inTwoSplits',
      'captions.names.nameTwice',
      'topics.clipTwice',
      'actions.clipOfTwoClasses',
      'actions.clipOnBothSides',
    ],
    cause: 'The file says two things of one clip, so neither is believed.',
    remedy: 'Remove one of the two lines.',
  },
  {
    of: ['corpus.notAPicture'],
    cause: 'The file is called a picture and is something else, or it is damaged.',
    remedy: 'Open it with another program; save it as JPEG, PNG or WebP.',
  },
  {
    of: ['captions.unrecognised', 'captions.columnsUnknown'],
    cause: 'What the file holds fits none of the [formats](captions.md) well enough to be sure.',
    remedy: 'Set the format by hand, or say which column holds what: `--columns`.',
  },
  {
    of: [
      'captions.boundsTurned',
      'captions.captionEmpty',
      'captions.captionMissing',
      'captions.clipUnnamed',
      'captions.activitynet.counts',
      'captions.activitynet.timestamp',
      'captions.coco.imageUnknown',
      'captions.csv.columnCount',
      'captions.csv.notCsv',
      'captions.csv.quoteOpen',
      'captions.cues.boundsTurned',
      'captions.cues.noTimes',
      'captions.cvat.broken',
      'captions.flickr.notNumbered',
      'annotations.lineUnfit',
      'actions.notAPair',
      'actions.notASplitLine',
      'actions.notJson',
      'neurons.truthLine',
      'topics.clipUnnamed',
      'topics.columnLabelTooLong',
      'topics.labelTooLong',
    ],
    cause:
      'One line or record is not as the format has it. A file is read whole or not at all, so that no caption is lost unseen.',
    remedy: MEND_THE_LINE,
  },
  {
    of: ['text.notUtf8', 'text.notUtf8InLine'],
    cause: 'The file was saved in another encoding, such as that of a spreadsheet program.',
    remedy: 'Save it as UTF-8 (in Excel: *CSV UTF-8*).',
  },

  // Media.
  {
    of: ['media.cutOff'],
    cause: 'A download or a copy ended early: the file says that it is longer than it is.',
    remedy: 'Fetch it again. Other clips of the import are not touched.',
  },
  {
    of: ['media.notAVideo', 'media.noVideoStream', 'media.containerRefused', 'media.notDecodable'],
    cause:
      'The file has the name of a video and is something else: sound alone, an error page of a download, a playlist, or a codec that FFmpeg does not decode.',
    remedy: 'Leave it out, or encode it anew: `ffmpeg -i FILE -c:v libx264 NEW.mp4`.',
  },
  {
    of: [
      'media.tookTooLong',
      'media.noProgress',
      'media.tooMuchMemory',
      'media.endedBySignal',
      'media.endedWithExitCode',
    ],
    cause:
      'Videos are decoded by processes of their own with limits of time and memory: this file reached one, or crashed the decoder.',
    remedy: 'The other clips go on. Encode this one anew, or leave it out.',
  },
  {
    of: ['media.ffmpegFailed', 'media.ffmpegSilent'],
    cause: 'The ffmpeg program ended with an error; what it said stands in the sentence.',
    remedy:
      'Play the file with another program. Where it plays, encode it anew with ffmpeg; else leave it out.',
  },
  {
    of: [
      'media.ffmpegMissing',
      'media.notAProgram',
      'media.notFfmpeg',
      'media.notStarted',
      'media.encoderMissing',
      'media.librariesMissing',
    ],
    cause:
      "FFmpeg's libraries come with the packages. The ffmpeg program is wanted only where they do not load (such as on Alpine Linux), or where `VITRINE_FFMPEG` names one.",
    remedy: '`vitrine doctor` says what was found.',
  },

  // Encoders and features.
  {
    of: [
      'engine.encoders.deviationZero',
      'engine.encoders.framesTooLarge',
      'engine.encoders.inputRank',
      'engine.encoders.inputType',
      'engine.encoders.networkRefused',
      'engine.encoders.noFeatureOutput',
      'engine.encoders.notADescriptor',
      'engine.encoders.notFrames',
      'engine.encoders.notJson',
      'engine.encoders.notStacks',
      'engine.encoders.notThreeColours',
      'engine.encoders.outputType',
      'engine.encoders.outputUnknown',
      'engine.encoders.outputUnusable',
      'formats.huggingFace.notAsExpected',
      'formats.huggingFace.notJson',
    ],
    cause:
      'A frame encoder takes RGB frames and gives numbers for each. This network or what describes it is of another form.',
    remedy: ANOTHER_NETWORK,
  },
  {
    of: ['engine.encoders.networkUnreadable'],
    cause: 'The file of the network was deleted or moved out of the folder of encoders.',
    remedy: 'Add the encoder again; one that is built in is built again by itself.',
  },
  {
    of: ['engine.encoders.gridUnknown', 'engine.encoders.noCells'],
    cause: 'Grids and cells cut the map of a frame. This encoder gives one vector for the whole frame.',
    remedy: 'Choose grid 1 and 1 cell, or another encoder.',
  },
  {
    of: ['engine.encoders.builtInStays'],
    cause: 'Encoders that come with the program are never removed.',
    remedy: 'Choose another one for the project; it takes no room until it is used.',
  },
  {
    of: [
      'hub.offline',
      'hub.unreachable',
      'hub.busy',
      'hub.broken',
      'hub.trouble',
      'hub.tooLong',
      'hub.damaged',
    ],
    cause:
      'Fetching a model is the only request to another machine that Vitrine makes, and only when a person asks. What came so far is kept.',
  },

  // Training, devices, the engine.
  {
    of: ['workspace.noModel', 'cli.noModel'],
    cause: 'Captions, neurons and corrections are those of a model, and this project has none that is ready.',
  },
  {
    of: [
      'workspace.noFeatures',
      'workspace.clipWithoutFeatures',
      'corpus.noFeatures',
      'review.splitWithoutFeatures',
    ],
    cause:
      'The captioner reads features of frames, not videos. They are computed once for each clip, and anew when the settings change.',
  },
  {
    of: [
      'training.noTopics',
      'topics.noTopics',
      'neurons.noTopics',
      'exports.noTopics',
      'training.noTopicsToRefine',
    ],
    cause:
      'Topics are what neurons are tied to. None were found in this project yet, or finding them was undone.',
  },
  {
    of: ['training.noTrainingClips', 'topics.noTrainingCaptions', 'engine.captioner.noCaptions'],
    cause:
      'Topics, words and parameters come from training clips alone. All clips of this project are in other splits, or those in it lack captions or features.',
  },
  {
    of: ['training.inputsChanged'],
    cause:
      'A training goes on only with what it began with: other captions, splits or topics would make another model of it.',
  },
  {
    of: ['training.inTraining'],
    cause: 'The run is not done.',
    remedy: 'Wait, or cancel it: the best parameters so far can be kept.',
  },
  {
    of: ['sweeps.atWork'],
    cause: 'Its runs are trained one after the other by one job.',
    remedy: 'Wait, or cancel the job: it goes on later from where it was.',
  },
  {
    of: ['sweeps.nothingLeft'],
    cause: 'It was gone on with though no run of it is missing.',
    remedy: 'Begin a new sweep for other values.',
  },
  {
    of: ['training.topicsUnchanged'],
    cause: 'Nothing was edited since that model was trained or remapped.',
    remedy: 'Nothing is to be done.',
  },
  {
    of: ['training.noReference', 'engine.metrics.noReference', 'engine.metrics.referencesEmpty'],
    cause:
      'A caption is scored against what people say of the same clip, and nobody says anything of this one.',
    remedy: 'Give references for every clip that is scored, or leave it out.',
  },
  {
    of: ['engine.metrics.captionTwice', 'engine.metrics.referencesTwice'],
    cause: 'One clip stands in the file twice under one name.',
    remedy: 'Keep one caption a clip; several references of a clip stand under one name.',
  },
  {
    of: ['engine.metrics.noCaptions', 'engine.metrics.noFixedCaption'],
    cause: 'The file or the split that is scored holds no caption.',
    remedy: 'Choose a split that was captioned.',
  },
  {
    of: ['engine.metrics.noTopicVector', 'engine.metrics.topicCount'],
    cause: 'The scores are those of other topics than the ones that they are compared with.',
    remedy: 'Caption the split again with the model, then score it.',
  },
  {
    of: [
      'engine.captioner.trainingDiverged',
      'engine.captioner.refinementDiverged',
      'engine.metrics.scoresDiverged',
    ],
    cause:
      'Steps were too large for the features: a high learning rate, no clipping of gradients, or imported features with huge values.',
    remedy: 'Train again with a tenth of the learning rate; look at the range of imported features.',
  },
  {
    of: ['engineHost.endedBySignal', 'engineHost.endedWithExitCode'],
    cause:
      'Signal 9 is most often the system, which ran out of memory; 11 and 6 are a crash in a driver or a native library.',
    remedy: 'Close other programs, take smaller batches or fewer frames, or the device cpu.',
  },
  {
    of: [
      'engine.graph.deviceUnusable',
      'engine.graph.kernelMissing',
      'engine.graph.librariesMissing',
      'engine.graph.noGpu',
      'engine.graph.notInRuntime',
      'engine.graph.operationMissing',
      'engine.graph.operationsMissing',
      'engine.graph.optionalPackageUnusable',
      'engine.graph.tensorflowUnusable',
    ],
    cause:
      'A device was named that this machine or this build of the runtime does not have. [Nothing falls back in silence](devices.md#nothing-falls-back-in-silence).',
    remedy: 'Leave the device at *auto*, which takes the fastest that works.',
  },

  // Topics, review, corrections, actions.
  {
    of: ['engine.topics.moreTopicsThanClips'],
    cause: 'More topics than captioned clips would leave topics empty.',
    remedy: 'A third of the clips or fewer is sensible.',
  },
  {
    of: ['engine.topics.noVocabulary'],
    cause: 'Every word is too rare, too frequent, or a function word: of few clips each occurs once.',
  },
  {
    of: [
      'training.splitNotCaptioned',
      'review.notCaptioned',
      'corrections.notCaptioned',
      'exports.nothingCaptioned',
    ],
    cause: 'A model says nothing of a split until it has captioned it.',
  },
  {
    of: ['corrections.decided', 'corrections.notKept', 'corrections.notQueued'],
    cause: 'The correction was accepted, forgotten or taken out meanwhile, perhaps in another window.',
    remedy: 'Look at it in Corrections, and choose one that waits.',
  },
  {
    of: ['corrections.topicTwice'],
    cause: 'One topic was named among those to add and among those to drop.',
    remedy: 'Name it once.',
  },
  {
    of: ['actions.noCategories', 'actions.noClassesInZip'],
    cause: "Twenty categories are read from MSR-VTT's own JSON, in a zip or not.",
    remedy: 'Name `train_val_videodatainfo.json` or its zip, or a table of clip and class.',
  },
  {
    of: ['actions.nothingToTest', 'engine.actions.noModel'],
    cause: 'Nothing is left to compare after unreadable clips and models were left out.',
    remedy: 'Choose a model that is ready, and clips that can be read.',
  },

  // Ways in.
  {
    of: ['transport.portTaken', 'transport.portForbidden'],
    cause:
      'Another program, or another `vitrine serve`, listens at that port; ports below 1024 are for administrators.',
  },
]
