/** Clips and their captions as people browse and add to them. */
import type { ClipRow, HumanCaption } from '#contract'
import { resolvePath, withoutExtension } from '../../common/files/paths.ts'
import { count } from '../../common/text.ts'
import type { JobOutcome } from '../../jobs/index.ts'
import { CAPTION_FORMATS } from '../../formats/captions/index.ts'
import { renderSample } from '../../media/sample/render.ts'
import type {
  Clip,
  ClipListing,
  DescribedCaption,
  ListedClip,
  OpenProject,
  Table,
} from '../../store/index.ts'
import { CONDITION_TABLES, clipQuestion } from '../review/conditions.ts'
import type { Input, Service } from '../service.ts'
import { reads } from '../service.ts'
import { featureKeyFor, filmstripUrl, pictureUrl, thumbnailUrl, videoUrl } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { failures } from './failures.ts'

/** The tables of a list of clips, filtered and ordered by whatever there is. */
const LISTED_TABLES = [...CONDITION_TABLES, 'caption'] as const satisfies readonly Table[]

export function createClips(workspace: Workspace) {
  return {
    /** Renders the sample corpus into a folder; needs no project. */
    renderSample(request) {
      const directory = resolvePath(request.directory)
      const jobId = workspace.jobs.start(
        'sample',
        `Render a sample of ${request.videos} clips`,
        { procedure: 'corpus.renderSample', input: { ...request, directory } },
        async ({ signal, progress }) => {
          const sample = await renderSample(workspace.media, {
            directory,
            videos: request.videos,
            seed: request.seed,
            signal,
            progress: (done, total) => {
              progress({ phase: 'rendering clips', done, total, unit: 'clips' })
            },
          })
          return sampleOutcome(directory, sample)
        },
      )
      return { jobId }
    },

    captionFormats: reads([], () =>
      CAPTION_FORMATS.map(({ name, title, extensions }) => ({ name, title, extensions: [...extensions] })),
    ),

    clips: reads([...LISTED_TABLES, 'feature'], (query, { who }) => {
      const { store } = workspace.project()
      const { offset, limit } = query
      const featureKey = store.settings.get('featureSet')
      const { total, rows } = store.clips.list({ ...listingOf(store, query, who), offset, limit, featureKey })
      const tags = store.tags.ofClips(rows.map(({ id }) => id))
      return { total, rows: rows.map((clip) => toRow(clip, tags.get(clip.id))) }
    }),

    clipIds: reads(LISTED_TABLES, (filter, { who }) => {
      const { store } = workspace.project()
      return store.clips.ids(listingOf(store, filter, who))
    }),

    clipCounts: reads(CONDITION_TABLES, (filter, { who }) => {
      const { store } = workspace.project()
      const { modelId, otherModel } = filter
      return store.clips.counts(listingOf(store, filter, who), {
        modelId: modelId ?? store.settings.get('currentModel'),
        otherModel,
        who,
      })
    }),

    /** Throws NOT_FOUND. */
    clip: reads(
      ['caption', 'clip', 'clip_tag', 'clip_topic', 'feature', 'feature_set', 'model', 'setting', 'topic'],
      ({ clipId, modelId }) => {
        const { store } = workspace.project()
        const clip = store.clips.get(clipId)
        const captions = store.captions.ofClip(clipId).map(toHuman)
        const key = featureKeyFor(store, modelId)
        const feature = key === null ? null : store.features.forClip(key, clipId)
        const row = toRow(
          {
            ...clip,
            captionCount: captions.length,
            firstCaption: captions[0]?.text ?? null,
            hasFeatures: feature !== null,
          },
          store.tags.ofClips([clipId]).get(clipId),
        )
        return {
          ...row,
          width: clip.width,
          height: clip.height,
          fps: clip.fps,
          codec: clip.codec,
          pictureUrl: pictureUrl(clip),
          captions,
          otherCaptions: store.captions.setAside(clipId).map(toHuman),
          frames: feature?.frames ?? 0,
          cells: feature?.cells ?? 1,
          frameTimes: feature?.frameTimes ?? [],
          filmstripUrl: filmstripUrl(clip, { frames: feature?.frames ?? 0, modelId }),
          topics: store.topics
            .ofClip(clipId)
            .map(({ topicId, label, share, active }) => ({ id: topicId, label, share, active })),
        }
      },
    ),

    find({ clip: nameOrId }) {
      const { id, name, split, removed } = findClip(workspace.project(), nameOrId)
      return { clipId: id, name, split, removed }
    },
  } satisfies Partial<Service<'corpus'>>
}

function sampleOutcome(
  directory: string,
  { videos, captionCount, actionClips }: Awaited<ReturnType<typeof renderSample>>,
): JobOutcome {
  return {
    result: { kind: 'sample', directory, clips: videos, captions: captionCount, actionClips },
    summary: `${count(videos, 'clip')} with ${count(captionCount, 'caption')} and ${count(actionClips, 'action clip')} in ${directory}.`,
  }
}

const toHuman = ({ id, text, origin }: DescribedCaption): HumanCaption => ({ id, text, ...origin })

const toRow = (clip: ListedClip, tags: string[] = []): ClipRow => ({
  id: clip.id,
  name: clip.name,
  split: clip.split,
  kind: clip.kind,
  duration: clip.duration,
  start: clip.start,
  end: clip.end,
  captionCount: clip.captionCount,
  firstCaption: clip.firstCaption,
  hasFeatures: clip.hasFeatures,
  thumbnailUrl: thumbnailUrl(clip),
  videoUrl: videoUrl(clip),
  problem: clip.problem,
  tags,
  removed: clip.removed,
})

/** The clips that a filter lists, to the person who asks. */
function listingOf(
  store: OpenProject['store'],
  filter: Input<'corpus', 'clipIds'>,
  who: string,
): ClipListing {
  const { where, modelId, removed, order, descending, ...rest } = filter
  const question = clipQuestion(store, {
    ...where,
    ...rest,
    modelId: modelId ?? store.settings.get('currentModel'),
    who,
  })
  return { question, removed, order, descending }
}

/** The clip of a name, with or without extension, or of an id. Throws NOT_FOUND. */
function findClip({ store }: OpenProject, nameOrId: string): Clip {
  const clip = store.clips.byName(nameOrId) ?? store.clips.byName(withoutExtension(nameOrId))
  if (clip !== null) {
    return clip
  }
  if (/^\d+$/.test(nameOrId)) {
    return store.clips.seen(Number(nameOrId))
  }
  throw failures.clipUnknown({ clip: nameOrId })
}
