import { defineFailures } from '../../common/failures.ts'

export const failures = defineFailures('exports', {
  foreignFile: {
    code: 'BAD_INPUT',
    message: 'The folder {folder} holds {file}, which is not of such an export.',
    remedy: 'Name a new or empty folder.',
  },
  nothingCaptioned: {
    code: 'NOT_READY',
    message: 'Model {modelId} has not captioned anything yet.',
    remedy: 'Caption a split first.',
  },
  noHumanCaptions: {
    code: 'NOT_READY',
    message: 'This project has no captions.',
    remedy: 'Import captions first.',
  },
  noMedia: {
    code: 'NOT_READY',
    message: 'No clip of this project has a video or picture of its own that is there.',
    remedy: 'Choose another format, or import the videos.',
  },
  noAnnotations: {
    code: 'NOT_READY',
    message: 'Nobody has judged, noted, tagged or written anything in this project yet.',
    remedy: 'Judge captions in Review first.',
  },
  noTopics: {
    code: 'NOT_READY',
    message: 'This project has no topics yet.',
    remedy: 'Find topics first, or import topic vectors.',
  },
})
