/**
 * What people would say of a scene: one word order with synonyms and more or less detail, and now and then a
 * careless caption, as in real corpora. Lower case, no full stop.
 */
import type { Random } from '../../common/random.ts'
import type { Actor, Scene } from './scene.ts'
import { ACTIONS, BACKGROUNDS, COLOURS, SHAPES, SIZES, keys } from './vocabulary.ts'

export interface Caption {
  text: string
  /** What is careless about it: a slip of the keyboard, too few words, or a detail that is not so. */
  flaw: 'typo' | 'short' | 'wrong' | null
}

const FLAW_SHARE = 0.04
const USUAL_SHARE = 0.65

/** 8 to 12 different captions of a scene, about FLAW_SHARE of them careless. */
export function describeScene(scene: Scene, random: Random): Caption[] {
  const count = 8 + random.below(5)
  const captions = new Map<string, Caption>()
  while (captions.size < count) {
    const caption =
      random.next() < FLAW_SHARE ? careless(scene, random) : { text: sentence(scene, random), flaw: null }
    captions.set(caption.text, caption)
  }
  return [...captions.values()]
}

/** `a [size] colour shape does something [background]`. */
function sentence(scene: Scene, random: Random): string {
  const withSize = random.next() < (scene.other ? 0.2 : 0.35)
  const [verb, participle] = pickUsual(ACTIONS[scene.action], random)
  const parts = [nounPhrase(scene.actor, withSize, random), random.next() < 0.25 ? `is ${participle}` : verb]
  if (scene.other) {
    parts.push(nounPhrase(scene.other, withSize, random))
  }
  if (random.next() < 0.5) {
    parts.push(pickUsual(BACKGROUNDS[scene.background], random))
  }
  return parts.join(' ')
}

/** `a [size] colour shape`. */
function nounPhrase({ size, colour, shape }: Actor, withSize: boolean, random: Random): string {
  return [
    'a',
    ...(withSize && size ? [pickUsual(SIZES[size], random)] : []),
    colour,
    pickUsual(SHAPES[shape], random),
  ].join(' ')
}

function careless(scene: Scene, random: Random): Caption {
  switch (random.below(3)) {
    case 0:
      return { text: misspell(sentence(scene, random), random), flaw: 'typo' }
    case 1:
      return {
        text:
          [
            `a ${scene.actor.shape}`,
            `${scene.actor.colour} ${scene.actor.shape}`,
            `something ${scene.actor.colour}`,
          ][random.below(3)] ?? '',
        flaw: 'short',
      }
    default: {
      const colours = keys(COLOURS).filter((colour) => colour !== scene.actor.colour)
      const colour = colours[random.below(colours.length)] ?? scene.actor.colour
      return { text: sentence({ ...scene, actor: { ...scene.actor, colour } }, random), flaw: 'wrong' }
    }
  }
}

/** Drops a letter inside one of the longer words. */
function misspell(text: string, random: Random): string {
  const words = text.split(' ')
  const long = words.flatMap((word, i) => (word.length >= 5 ? [i] : []))
  const place = long[random.below(long.length)] ?? 0
  const word = words[place] ?? ''
  const drop = 1 + random.below(word.length - 2)
  words[place] = word.slice(0, drop) + word.slice(drop + 1)
  return words.join(' ')
}

/** The first choice most of the time, else one of the others. */
function pickUsual<Choice>(choices: readonly [Choice, ...Choice[]], random: Random): Choice {
  if (choices.length === 1 || random.next() < USUAL_SHARE) {
    return choices[0]
  }
  return choices[1 + random.below(choices.length - 1)] ?? choices[0]
}
