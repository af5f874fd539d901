/**
 * Which scenes a corpus holds. Attributes are dealt from shuffled decks, not drawn one by one, so that every
 * action meets every shape and colour: the default corpus' 240 clips are 12 actions x 20, and each shows all
 * 16 looks. A captioner must therefore put together what it learnt apart, and no single caption fits many
 * clips.
 */
import type { Random } from '../../common/random.ts'
import { ACTION_PAINTS, ACTIONS, BACKGROUNDS, COLOURS, RELATIONS, SHAPES, keys } from './vocabulary.ts'
import type {
  Action,
  Background,
  ColourName,
  DrawnShape,
  Motion,
  Paint,
  Relation,
  Shape,
  Size,
} from './vocabulary.ts'

/** One shape of a scene, as captions name it. */
export interface Actor {
  shape: Shape
  colour: ColourName
  /** Null where the size changes, so that no caption names it. */
  size: Size | null
}

export interface Scene {
  id: string
  split: 'train' | 'val' | 'test'
  action: Action
  actor: Actor
  /** The shape that a relation is about; null for a motion. */
  other: Actor | null
  background: Background
}

/** What is drawn, without words: scenes of the corpus and action clips both become this. */
export interface Take {
  action: Action
  actors: { shape: DrawnShape; paint: Paint; size: Size }[]
  background: Background
}

/** Motions that are the classes of the action clips. */
export const ACTION_CLASSES = [
  'left',
  'right',
  'bounce',
  'spin',
  'grow',
  'blink',
] as const satisfies readonly Motion[]

/** Deals `items` in random order, each once, and begins anew when they are used up. */
function deck<T>(items: readonly T[], random: Random): () => T {
  let left: T[] = []
  return () => {
    if (left.length === 0) {
      left = random.shuffle([...items])
    }
    const item = left.pop()
    if (item === undefined) {
      throw new RangeError('a deck needs items')
    }
    return item
  }
}

const isRelation = (action: Action): action is Relation => action in RELATIONS

/**
 * The scenes of a corpus of `count` clips, in the order of their ids. Splits are 60, 10 and 30 per cent
 * within each action.
 */
export function designScenes(count: number, random: Random): Scene[] {
  const looks = keys(SHAPES).flatMap((shape) => keys(COLOURS).map((colour) => ({ shape, colour })))
  const splits: Scene['split'][] = [
    ...Array<'train'>(6).fill('train'),
    'val',
    ...Array<'test'>(3).fill('test'),
  ]
  const decks = (action: Action) => ({
    action,
    look: deck(looks, random),
    other: deck(looks, random),
    size: deck<Size>(['big', 'small'], random),
    background: deck(keys(BACKGROUNDS), random),
    split: deck(splits, random),
  })
  const dealers = keys(ACTIONS).map(decks)
  const nextDealer = deck(dealers, random)
  return Array.from({ length: count }, (_, i) => {
    const deal = nextDealer()
    const { action } = deal
    const look = deal.look()
    const scene = {
      id: `clip${String(i + 1).padStart(4, '0')}`,
      split: deal.split(),
      action,
      background: deal.background(),
    }
    if (!isRelation(action)) {
      const size = action === 'grow' || action === 'shrink' ? null : deal.size()
      return { ...scene, actor: { ...look, size }, other: null }
    }
    let second = deal.other()
    while (second.shape === look.shape || second.colour === look.colour) {
      second = deal.other()
    }
    // The one that moves around another is the small one, the one that chases or bumps the big one.
    const [size, otherSize]: [Size, Size] = action === 'orbit' ? ['small', 'big'] : ['big', 'small']
    return { ...scene, actor: { ...look, size }, other: { ...second, size: otherSize } }
  })
}

/** How a scene of the corpus is drawn. */
export function takeOf(scene: Scene): Take {
  const actors = scene.other ? [scene.actor, scene.other] : [scene.actor]
  return {
    action: scene.action,
    background: scene.background,
    actors: actors.map(({ shape, colour, size }) => ({ shape, paint: COLOURS[colour], size: size ?? 'big' })),
  }
}

/**
 * Action clips: `perClass` takes of each class, with colours that no corpus clip has, and shapes beyond its
 * own.
 */
export function designActions(
  perClass: number,
  random: Random,
): { name: string; class: Motion; take: Take }[] {
  const shapes: DrawnShape[] = ['hexagon', 'cross', 'triangle', 'star', 'square']
  return ACTION_CLASSES.flatMap((motion) => {
    const shape = deck(shapes, random)
    const paint = deck(ACTION_PAINTS, random)
    const size = deck<Size>(['big', 'small'], random)
    const background = deck(keys(BACKGROUNDS), random)
    return Array.from({ length: perClass }, (_, i) => ({
      name: `${motion}_${String(i + 1).padStart(2, '0')}`,
      class: motion,
      take: {
        action: motion,
        background: background(),
        actors: [{ shape: shape(), paint: paint(), size: size() }],
      },
    }))
  })
}
