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
  /** Of a clip that differs from another class in time's direction alone: which way it is played. */
  played?: 'forwards' | 'backwards'
}

/** Motions that are each other played backwards. */
export const REVERSALS = [
  ['left', 'right'],
  ['up', 'down'],
  ['grow', 'shrink'],
] as const satisfies readonly (readonly [Motion, Motion])[]

/** Motions that are the classes of the action clips, and how a clip of each is drawn. */
const ACTION_CLASSES: readonly { motion: Motion; drawn: Pick<Take, 'action' | 'played'> }[] = [
  ...REVERSALS.flatMap(([motion, reversal]) => [
    { motion, drawn: { action: motion, played: 'forwards' as const } },
    { motion: reversal, drawn: { action: motion, played: 'backwards' as const } },
  ]),
  ...(['bounce', 'spin', 'blink'] as const).map((motion) => ({ motion, drawn: { action: motion } })),
]

/** Deals cards in random order, each once, and begins anew when they are used up. */
function deck<Card>(cards: readonly Card[], random: Random): () => Card {
  let left: Card[] = []
  return () => {
    if (left.length === 0) {
      left = random.shuffle([...cards])
    }
    const card = left.pop()
    if (card === undefined) {
      throw new RangeError('a deck needs cards')
    }
    return card
  }
}

const isRelation = (action: Action): action is Relation => action in RELATIONS

/**
 * The scenes of a corpus of `count` clips, in the order of their ids. Splits are 60, 10 and 30 per cent
 * within each action.
 */
export function designScenes(count: number, random: Random): Scene[] {
  const dealers = keys(ACTIONS).map((action) => createDealer(action, random))
  const nextDealer = deck(dealers, random)
  return Array.from({ length: count }, (_, i) => ({
    id: `clip${String(i + 1).padStart(4, '0')}`,
    ...dealScene(nextDealer()),
  }))
}

type Look = Pick<Actor, 'shape' | 'colour'>

/** The decks that the scenes of an action are dealt from. */
interface Dealer {
  action: Action
  look: () => Look
  otherLook: () => Look
  size: () => Size
  background: () => Background
  split: () => Scene['split']
}

function createDealer(action: Action, random: Random): Dealer {
  const looks = keys(SHAPES).flatMap((shape) => keys(COLOURS).map((colour) => ({ shape, colour })))
  const splits: Scene['split'][] = [
    ...Array<'train'>(6).fill('train'),
    'val',
    ...Array<'test'>(3).fill('test'),
  ]
  return {
    action,
    look: deck(looks, random),
    otherLook: deck(looks, random),
    size: deck<Size>(['big', 'small'], random),
    background: deck(keys(BACKGROUNDS), random),
    split: deck(splits, random),
  }
}

function dealScene(dealer: Dealer): Omit<Scene, 'id'> {
  const { action } = dealer
  const look = dealer.look()
  const scene = { split: dealer.split(), action, background: dealer.background() }
  if (!isRelation(action)) {
    const size = action === 'grow' || action === 'shrink' ? null : dealer.size()
    return { ...scene, actor: { ...look, size }, other: null }
  }
  let otherLook = dealer.otherLook()
  while (otherLook.shape === look.shape || otherLook.colour === look.colour) {
    otherLook = dealer.otherLook()
  }
  // The one that moves around another is the small one, the one that chases or bumps the big one.
  const [size, otherSize]: [Size, Size] = action === 'orbit' ? ['small', 'big'] : ['big', 'small']
  return { ...scene, actor: { ...look, size }, other: { ...otherLook, size: otherSize } }
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

/** A clip of an action. Clips of a group show the same thing in the same place, each doing something else. */
export interface ActionScene {
  name: string
  class: Motion
  group: number
  take: Take
}

/**
 * Action clips: a clip of each class in each of `groups` groups, with colours that no corpus clip has, and shapes beyond its
 * own. What a group shows tells nothing of its classes; and those of a reversal hold the same frames in the other order:
 * whoever does not look at the order can't tell them apart. They are named as UCF101 names clips, with their groups.
 */
export function designActions(groups: number, random: Random): ActionScene[] {
  const shape = deck<DrawnShape>(['hexagon', 'cross', 'triangle', 'star', 'square'], random)
  const paint = deck(ACTION_PAINTS, random)
  const size = deck<Size>(['big', 'small'], random)
  const background = deck(keys(BACKGROUNDS), random)
  return Array.from({ length: groups }, (_, i) => i + 1).flatMap((group) => {
    const look = { background: background(), actors: [{ shape: shape(), paint: paint(), size: size() }] }
    return ACTION_CLASSES.map(({ motion, drawn }) => ({
      name: `v_${motion}_g${String(group).padStart(2, '0')}_c01`,
      class: motion,
      group,
      take: { ...drawn, ...look },
    }))
  })
}
