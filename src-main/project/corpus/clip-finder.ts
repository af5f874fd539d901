/** Which clip of a project a file means, that speaks of clips by name. */
import { basename } from 'node:path'
import type { Breathe } from '../../common/breather.ts'
import { nameIndex, withoutMediaExtension } from '../../formats/captions/clip-names.ts'
import { parseNameMapping } from '../../formats/captions/name-mapping.ts'
import { readText } from '../../formats/text/text-file.ts'
import type { Clip, OpenProject } from '../../store/index.ts'

/** Finds the clip that is meant by a name, the first of several that mean one; null: none; 'ambiguous': it may be several. */
export type FindClip = (names: readonly string[]) => Clip | 'ambiguous' | null

/** `mapping`: the path of a file of two names for each clip; null: there is none. Throws BAD_INPUT for such a file. */
export async function clipFinder(
  { store }: OpenProject,
  { mapping, breathe }: { mapping: string | null; breathe: Breathe },
): Promise<FindClip> {
  const otherNames = mapping === null ? null : parseNameMapping(await readText(mapping), basename(mapping))
  const clips = store.clips.all()
  const index = nameIndex()
  for (const [place, { name, path }] of clips.entries()) {
    index.add({ name, ...(path === null ? {} : { path }) }, place)
    await breathe()
  }
  const otherOf = (name: string): string | undefined =>
    otherNames?.get(name) ?? otherNames?.get(withoutMediaExtension(name))
  return (names) => {
    for (const name of names) {
      const other = otherOf(name)
      const place = index.find(name) ?? (other === undefined ? null : index.find(other))
      if (place !== null) {
        return place === 'ambiguous' ? place : clips[place]!
      }
    }
    return null
  }
}
