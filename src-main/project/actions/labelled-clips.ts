/** Classes of the project's own clips, from a file of `clip<TAB>class` lines: they need features and no videos. */
import { basename } from 'node:path'
import { count, someOf } from '../../common/text.ts'
import { linesOf, readText, shorten } from '../../formats/text/text-file.ts'
import type { ClipFeatures } from '../../engine-host/contract/index.ts'
import { nameIndex } from '../../formats/captions/clip-names.ts'
import type { JobContext } from '../../jobs/index.ts'
import type { OpenProject } from '../../store/index.ts'
import { clipsWithFeatures } from '../workspace.ts'
import { failures } from './failures.ts'

export interface LabelledClips {
  /** By name. */
  classes: string[]
  clips: (ClipFeatures & { class: number })[]
}

/**
 * The clips of a file that have features of a key, with the places of their classes; those that have none, and
 * names of no clip, are left out with a notice, and another tells of training clips. Throws BAD_INPUT, naming
 * file and line, for what is no such line, a clip of two classes, and fewer than two classes.
 */
export async function readLabelledClips(
  project: OpenProject,
  path: string,
  featureKey: string,
  { notice }: Pick<JobContext, 'notice'>,
): Promise<LabelledClips> {
  const file = basename(path)
  const { classOf, unmatched } = matchLines(project, parseClasses(await readText(path), file), file)
  const withFeatures = clipsWithFeatures(project, featureKey, null)
  const clips = withFeatures.flatMap((clip) => {
    const name = classOf.get(clip.id)
    return name === undefined ? [] : [{ ...clip, name }]
  })
  const classes = [...new Set(clips.map(({ name }) => name))].sort()
  if (classes.length < 2) {
    throw failures.tooFewClassesOfClips({ file, classes: classes.length })
  }
  if (unmatched.length > 0) {
    notice(`Left out: no clip is called ${someOf(unmatched)}.`)
  }
  if (clips.length < classOf.size) {
    notice(`Left out: ${classOf.size - clips.length} of ${classOf.size} clips have no features.`)
  }
  const learnt = clips.filter(({ id }) => project.store.clips.get(id).split === 'train').length
  if (learnt > 0) {
    notice(
      `${learnt} of the ${count(clips.length, 'clip')} ${learnt === 1 ? 'is a training clip' : 'are training clips'}: what the captioners learnt from ${learnt === 1 ? 'it' : 'them'} flatters their encoders beside the frame features.`,
    )
  }
  return { classes, clips: clips.map(({ name, ...clip }) => ({ ...clip, class: classes.indexOf(name) })) }
}

interface ClassLine {
  clip: string
  class: string
  line: number
}

/** A clip and its class a line, with a tab or a comma between them. */
function parseClasses(text: string, file: string): ClassLine[] {
  const divider = text.includes('\t') ? '\t' : ','
  return Array.from(linesOf(text), ({ line, text: content }) => {
    const cells = content.split(divider).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))
    const [clip = '', name = ''] = cells
    if (cells.length !== 2 || clip === '' || name === '') {
      throw failures.notAClass({ file, line, text: shorten(content) })
    }
    return { clip, class: name, line }
  })
}

/** The class of each clip that the lines name. */
function matchLines(
  { store }: OpenProject,
  lines: readonly ClassLine[],
  file: string,
): { classOf: Map<number, string>; unmatched: string[] } {
  const clips = store.clips.all()
  const index = nameIndex()
  clips.forEach(({ name, path }, place) => {
    index.add({ name, ...(path === null ? {} : { path }) }, place)
  })
  const classOf = new Map<number, string>()
  const unmatched: string[] = []
  for (const { clip, class: name, line } of lines) {
    const place = index.find(clip)
    if (place === 'ambiguous') {
      throw failures.classClipAmbiguous({ file, line, clip })
    }
    const id = place === null ? null : clips[place]!.id
    if (id === null) {
      unmatched.push(clip)
    } else if ((classOf.get(id) ?? name) === name) {
      classOf.set(id, name)
    } else {
      throw failures.clipOfTwoClasses({ file, line, clip, class: name, earlier: classOf.get(id) ?? '' })
    }
  }
  return { classOf, unmatched }
}
