/**
 * Which topics a sentence speaks of. A word is a topic's own when it is among the topic's top words and no
 * other topic gives it a larger probability; so a word that many topics share speaks for the one it is most
 * typical of.
 */
import type { Review } from '#contract'
import { tokenize } from '../../common/tokenize.ts'
import type { Table } from '../../store/index.ts'

/** As many top words of a topic count as people are shown. */
const TOP_WORDS = 10

/** The tables that topics with their words are read from. */
export const TOPIC_WORD_TABLES = [
  'setting',
  'topic',
  'topic_run',
  'topic_word',
  'vocabulary',
] as const satisfies readonly Table[]

type TopicWords = readonly { words: readonly { word: string; p: number }[] }[]

/** By word, the topic that owns it: its place among the topics. */
function wordOwners(topics: TopicWords): Map<string, number> {
  const owner = new Map<string, { topic: number; p: number }>()
  topics.forEach(({ words }, topic) => {
    for (const { word, p } of words.slice(0, TOP_WORDS)) {
      const known = owner.get(word)
      if (known === undefined || p > known.p) {
        owner.set(word, { topic, p })
      }
    }
  })
  return new Map([...owner].map(([word, { topic }]) => [word, topic]))
}

/** The words that name each topic, in the given order of topics. */
export function ownWords(topics: TopicWords): string[][] {
  const owners = wordOwners(topics)
  return topics.map((_, topic) =>
    [...owners].filter(([, ownedBy]) => ownedBy === topic).map(([word]) => word),
  )
}

/** For each topic, in the given order, whether one of its own words stands in a sentence. */
export function topicSpotter(topics: TopicWords): (sentence: string) => boolean[] {
  const owners = wordOwners(topics)
  return (sentence) => {
    const named = new Set(tokenize(sentence).map((word) => owners.get(word)))
    return topics.map((_, topic) => named.has(topic))
  }
}

export type TopicVerdict = Review['topics'][number]['verdict']

/**
 * How a caption that names topics stands to each: `borne` are those of the clip's topic vector,
 * `namedByPeople` says (it is called only where it matters) which ones the clip's human captions name.
 */
export function topicVerdicts(
  named: readonly boolean[],
  borne: ReadonlySet<number>,
  namedByPeople: () => readonly boolean[],
): TopicVerdict[] {
  let byPeople: readonly boolean[] | null = null
  return named.map((isNamed, column) => {
    if (borne.has(column)) {
      return isNamed ? 'agrees' : 'missing'
    }
    if (!isNamed) {
      return 'absent'
    }
    byPeople ??= namedByPeople()
    return byPeople[column] ? 'agrees' : 'unsupported'
  })
}

/** Topics that a caption misses and wrongly names, by id. */
export interface TopicErrors {
  missing: number[]
  unsupported: number[]
}

/** The errors among verdicts on topics. */
export function topicErrors(topicIds: readonly number[], verdicts: readonly TopicVerdict[]): TopicErrors {
  const having = (verdict: TopicVerdict) => topicIds.filter((_, column) => verdicts[column] === verdict)
  return { missing: having('missing'), unsupported: having('unsupported') }
}
