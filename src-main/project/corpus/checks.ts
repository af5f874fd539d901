/**
 * What may be wrong with captions: looking for it, and what a person decides of it. Every decision is one
 * edit.
 */
import { VitrineError } from '#contract'
import type { Finding, FindingDecision } from '#contract'
import type { Caption, OpenProject, SingleChange, StoredFinding } from '../../store/index.ts'
import { topicModelIfAny } from '../topics/model.ts'
import { count } from '../../common/text.ts'
import { forward, thumbnailUrl } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import type { Service } from '../service.ts'
import { reads } from '../service.ts'

/** Other captions of the clip that a finding shows. */
const OTHERS_SHOWN = 8

type Store = OpenProject['store']

export function createCaptionChecks(workspace: Workspace) {
  return {
    /**
     * Looks for faults in all captions; what it finds takes the place of what is open. Throws NOT_READY
     * without captions.
     */
    checkCaptions() {
      const { store } = workspace.project()
      const jobId = workspace.jobs.start('checks', 'Check captions', {}, async (context) => {
        const captions = store.clips.captionRows()
        if (captions.size === 0) {
          throw new VitrineError('NOT_READY', 'This project has no captions.', 'Import captions first.')
        }
        const clips = [...captions].map(([id, own]) => ({
          id,
          captions: own.map((caption) => ({ id: caption.id, text: caption.text })),
        }))
        const { findings } = await workspace.engine.call(
          'corpus.check',
          { clips, topics: topicModelIfAny(store) },
          forward(context),
        )
        const texts = new Map([...captions.values()].flat().map(({ id, text }) => [id, text]))
        const open = store.transaction(() => {
          // What was edited meanwhile has not been checked.
          const asChecked = ({ captionId }: { captionId: number | null }) =>
            captionId === null || store.clips.caption(captionId)?.text === texts.get(captionId)
          store.settings.set('captionsCheckedAt', new Date().toISOString())
          return store.findings.replace(findings.filter(asChecked))
        })
        return {
          result: { kind: 'checks', findings: open },
          summary: `${count(texts.size, 'caption')} checked: ${open === 0 ? 'nothing' : count(open, 'finding')} to look at.`,
        }
      })
      return { jobId }
    },

    /** A page of the queue, the likeliest faults first. */
    findings: reads(['caption', 'finding', 'setting'], (query) => {
      const { store } = workspace.project()
      const { total, rows } = store.findings.list(query)
      const captions = store.clips.captionRows([...new Set(rows.map(({ clipId }) => clipId))])
      return {
        checkedAt: store.settings.get('captionsCheckedAt'),
        total,
        open: store.findings.open(),
        rows: rows.map((row) => describe(store, row, captions.get(row.clipId) ?? [])),
      }
    }),

    /**
     * Accepts captions as they are, puts another text in a caption's place, or drops captions with all that
     * was found of them. One edit; durable when it returns. Throws NOT_FOUND, BAD_INPUT, and CONFLICT for
     * what was decided already.
     */
    decide(decision, { who }) {
      workspace.edit(who, (store, make) => {
        const { label, changes } = plan(store, decision)
        make(label, changes)
      })
    },
  } satisfies Partial<Service<'corpus'>>
}

function describe(store: Store, { captionId, ...row }: StoredFinding, captions: readonly Caption[]): Finding {
  const clip = store.clips.get(row.clipId)
  const own = captions.find(({ id }) => id === captionId)
  return {
    ...row,
    clip: clip.name,
    thumbnailUrl: thumbnailUrl(clip),
    caption: own ? { id: own.id, text: own.text } : null,
    others: captions
      .filter(({ id }) => id !== captionId)
      .slice(0, OTHERS_SHOWN)
      .map(({ text }) => text),
  }
}

/** The edit that a decision comes to, as things are. */
function plan(store: Store, decision: FindingDecision): { label: string; changes: SingleChange[] } {
  switch (decision.decision) {
    case 'accept': {
      const findings = decision.findingIds.map((id) => openFinding(store, id))
      const [first] = findings
      const what =
        findings.length === 1 && first
          ? `a caption of ${store.clips.get(first.clipId).name}`
          : count(findings.length, 'finding')
      return {
        label: `accept ${what}`,
        changes: findings.map(({ id }) => ({ kind: 'finding', findingId: id, state: 'accepted' })),
      }
    }
    case 'fix': {
      const finding = openFinding(store, decision.findingId)
      const { captionId, caption } = captionOf(store, finding)
      const text = decision.text.replace(/\s+/g, ' ')
      if (text === caption.text) {
        throw new VitrineError(
          'BAD_INPUT',
          'The caption reads so already.',
          'Change its text, or accept it as it is.',
        )
      }
      return {
        label: `fix a caption of ${store.clips.get(finding.clipId).name}`,
        changes: [
          { kind: 'caption', captionId, value: { ...caption, text } },
          { kind: 'finding', findingId: finding.id, state: 'fixed' },
        ],
      }
    }
    case 'drop': {
      const findings = decision.findingIds.map((id) => openFinding(store, id))
      const captionIds = new Set(findings.map((finding) => captionOf(store, finding).captionId))
      const [first] = findings
      const name = first ? store.clips.get(first.clipId).name : ''
      // All that was found of a caption goes with it.
      const gone = new Set(
        [...findings, ...[...captionIds].flatMap((id) => store.findings.openOfCaption(id))].map(
          ({ id }) => id,
        ),
      )
      return {
        label:
          captionIds.size === 1 ? `drop a caption of ${name}` : `drop ${count(captionIds.size, 'caption')}`,
        changes: [
          ...[...captionIds].map((captionId): SingleChange => ({ kind: 'caption', captionId, value: null })),
          ...[...gone].map((findingId): SingleChange => ({ kind: 'finding', findingId, state: 'dropped' })),
        ],
      }
    }
  }
}

function openFinding(store: Store, findingId: number): StoredFinding {
  const finding = store.findings.get(findingId)
  if (finding.state !== 'open') {
    throw new VitrineError(
      'CONFLICT',
      `Finding ${findingId} was ${finding.state} already.`,
      'Undo that to decide anew.',
    )
  }
  return finding
}

function captionOf(store: Store, { clipId, captionId }: StoredFinding) {
  const caption = captionId === null ? null : store.clips.caption(captionId)
  if (captionId !== null && caption !== null) {
    return { captionId, caption }
  }
  const { name } = store.clips.get(clipId)
  throw captionId === null
    ? new VitrineError(
        'BAD_INPUT',
        `This finding is about the whole clip ${name}, not about one caption.`,
        'Accept it, or give the clip more captions.',
      )
    : new VitrineError(
        'CONFLICT',
        `The caption of ${name} that this finding is about is gone.`,
        'Accept the finding, or undo what removed the caption.',
      )
}
