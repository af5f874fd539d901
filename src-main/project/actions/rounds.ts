/**
 * Who is learnt from and who is asked about: the rounds of an evaluation. What can't be divided so is said here, from names
 * alone, before anything is read or computed.
 */
import { dealFolds } from '../../common/grouped-folds.ts'
import { createRandom } from '../../common/random.ts'
import type { ActionClip, GivenSplit } from './action-clip.ts'
import { failures } from './failures.ts'

/** One training of a classifier: places of the clips that it learns from, and of those that it is asked about. */
export interface Round {
  train: number[]
  test: number[]
}

export type Division =
  | { kind: 'folds'; folds: number; seeds: readonly number[] }
  | { kind: 'groups' }
  | { kind: 'given'; splits: readonly GivenSplit[] }

/** Throws BAD_INPUT naming the class that can't be learnt and asked about. */
export function planRounds(
  clips: readonly ActionClip[],
  classes: readonly string[],
  division: Division,
): Round[] {
  switch (division.kind) {
    case 'folds':
      requireGroups(clips, classes, division.folds)
      return division.seeds.flatMap((seed) => roundsOfFolds(clips, classes, division.folds, seed))
    case 'groups':
      requireGroups(clips, classes, 2)
      return roundsOf(
        clips.map(({ group }) => group),
        clips,
        classes,
      )
    case 'given':
      return division.splits.map((split) => roundOfSplit(clips, classes, split))
  }
}

/** Every class has as many groups as there are folds, at least. */
function requireGroups(clips: readonly ActionClip[], classes: readonly string[], folds: number): void {
  for (const name of classes) {
    const ofClass = clips.filter(({ className }) => className === name)
    const groups = new Set(ofClass.map(({ group }) => group)).size
    if (groups === 1 && ofClass.length > 1) {
      throw failures.oneGroup({ class: name, clips: ofClass.length, group: ofClass[0]!.group })
    }
    if (groups < folds) {
      throw groups === ofClass.length
        ? failures.tooFewClips({ class: name, clips: groups, folds })
        : failures.tooFewGroups({ class: name, groups, folds })
    }
  }
}

function roundsOfFolds(
  clips: readonly ActionClip[],
  classes: readonly string[],
  folds: number,
  seed: number,
): Round[] {
  const labelled = clips.map(({ className, group }) => ({ class: classes.indexOf(className), group }))
  return roundsOf(dealFolds(labelled, folds, createRandom(seed)), clips, classes)
}

/** A round for each part, in which it is asked about and all others are learnt from. */
function roundsOf(
  parts: readonly (string | number)[],
  clips: readonly ActionClip[],
  classes: readonly string[],
): Round[] {
  return [...new Set(parts)].map((part) => {
    const places = [...parts.keys()]
    const round = {
      train: places.filter((place) => parts[place] !== part),
      test: places.filter((place) => parts[place] === part),
    }
    const unlearnt = missingClass(clips, classes, round.train)
    if (unlearnt !== null) {
      throw failures.classInOneFold({ class: unlearnt })
    }
    return round
  })
}

function roundOfSplit(
  clips: readonly ActionClip[],
  classes: readonly string[],
  { title, train, test }: GivenSplit,
): Round {
  const placesOf = (names: ReadonlySet<string>): number[] =>
    [...clips.keys()].filter((place) => names.has(clips[place]!.name))
  const round = { train: placesOf(train), test: placesOf(test) }
  const unlearnt = missingClass(clips, classes, round.train)
  if (unlearnt !== null) {
    throw failures.classNotLearnt({ title, class: unlearnt })
  }
  if (round.test.length === 0) {
    throw failures.nothingToTest({ title })
  }
  return round
}

function missingClass(
  clips: readonly ActionClip[],
  classes: readonly string[],
  places: readonly number[],
): string | null {
  const there = new Set(places.map((place) => clips[place]!.className))
  return classes.find((name) => !there.has(name)) ?? null
}

/** The groups that a round has on both sides. */
export function groupsOnBothSides(clips: readonly ActionClip[], rounds: readonly Round[]): string[] {
  const both = new Set<string>()
  for (const { train, test } of rounds) {
    const learnt = new Set(train.map((place) => clips[place]!.group))
    for (const place of test) {
      const { group } = clips[place]!
      if (learnt.has(group)) {
        both.add(group)
      }
    }
  }
  return [...both]
}
